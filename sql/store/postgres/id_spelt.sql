(left({id}, 1) = '0' OR {id} <> lower({id}) OR length({id}) = 18 OR right({id}, 2) = '.0')
