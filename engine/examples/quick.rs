use importer_engine::*;
use std::sync::Arc;
struct Out;
impl Listener for Out {
    fn started(&self, _: Step, _: Option<u64>) {}
    fn advanced(&self, _: Step, _: u64) {}
    fn finished(&self, r: &StepReport) { eprintln!("{:10} {:>9} {:>9} {:>6} ms {}", r.step.name(), r.rows_in, r.rows_out, r.milliseconds, r.note); }
    fn warn(&self, t: &str) { eprintln!("warn: {t}"); }
}
#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().collect();
    let mut o = EngineOptions { store: args[1].clone(), lake: args[2].clone(), ..Default::default() };
    if let Ok(m) = std::env::var("MEM") { o.limits.memory = m.parse::<usize>().unwrap() << 20; }
    if args[1].starts_with("postgres") { connect(&o).await.unwrap().upgrade(Default::default()).await.unwrap(); }
    let e = match Engine::open(o).await { Ok(e) => e, Err(OpenError::Engine(e)) => panic!("{e:?}"), Err(OpenError::Project(p)) => panic!("{p:?}") };
    let mut r = request::RunRequest::files(&args[3..]);
    r.dry_run = std::env::var("DRY").is_ok();
    r.accept_bad = true;
    r.external_system = Some("crm".into());
    match e.run(&r, Arc::new(Out)).await {
        Ok(s) => println!("{}", serde_json::to_string_pretty(&s).unwrap()),
        Err(e) => { eprintln!("error: {e} help {:?} {:?}", e.help(), e); std::process::exit(1) }
    }
}
