//! What a message claims, held against its bytes before the library believes it.

use std::io::{self, Read};

use arrow::ipc::{CompressionType, RecordBatch};

use super::messages::{BODY_BYTES, Stop};

/// Records of a batch at most.
const ROWS: i64 = i32::MAX as i64;

/// The most by which LZ4 shrinks anything.
const LZ4_RATIO: u64 = 255;

/// Holds buffers, lengths and compression of a batch against its body.
pub(super) fn check(batch: &RecordBatch<'_>, body: &[u8]) -> Result<(), Stop> {
    if !(0..=ROWS).contains(&batch.length()) {
        return Err(Stop::Damaged("a batch has an impossible number of rows"));
    }
    for node in batch.nodes().into_iter().flatten() {
        if !(0..=ROWS).contains(&node.length()) || !(0..=node.length()).contains(&node.null_count()) {
            return Err(Stop::Damaged("a column has an impossible length"));
        }
    }
    let codec = batch.compression().map(|c| c.codec());
    let mut buffers = 0_i64;
    let mut unpacked = 0_u64;
    for buffer in batch.buffers().into_iter().flatten() {
        buffers += 1;
        let outside = Stop::Damaged("a buffer lies outside its message");
        let (Ok(start), Ok(length)) = (usize::try_from(buffer.offset()), usize::try_from(buffer.length()))
        else {
            return Err(outside);
        };
        let Some(bytes) = start.checked_add(length).and_then(|end| body.get(start..end)) else {
            return Err(outside);
        };
        unpacked = unpacked.saturating_add(match codec {
            Some(codec) if !bytes.is_empty() => size(bytes, codec)?,
            _ => 0,
        });
        if unpacked > BODY_BYTES {
            return Err(Stop::TooLarge);
        }
    }
    let mut left = buffers;
    for count in batch.variadicBufferCounts().into_iter().flatten() {
        left = if count < 0 { -1 } else { left.saturating_sub(count) };
        if left < 0 {
            return Err(Stop::Damaged("a column has an impossible number of buffers"));
        }
    }
    Ok(())
}

/// Bytes of a compressed buffer once it is unpacked: it begins with them.
fn size(bytes: &[u8], codec: CompressionType) -> Result<u64, Stop> {
    let Some((head, packed)) = bytes.split_first_chunk::<8>() else {
        return Err(Stop::Damaged("a compressed buffer is too short"));
    };
    let claimed = match i64::from_le_bytes(*head) {
        -1 => return Ok(packed.len() as u64),
        claimed => u64::try_from(claimed).map_err(|_| Stop::Damaged("a buffer has less than no bytes"))?,
    };
    // The library unpacks LZ4 to its end, whatever was claimed.
    if codec == CompressionType::LZ4_FRAME && (packed.len() as u64).saturating_mul(LZ4_RATIO) > BODY_BYTES {
        let stream = lz4_flex::frame::FrameDecoder::new(packed).take(claimed.saturating_add(1));
        let real = io::copy(&mut { stream }, &mut io::sink());
        if !real.is_ok_and(|n| n == claimed) {
            return Err(Stop::Damaged("a compressed buffer has another length than it says"));
        }
    }
    Ok(claimed)
}
