(left({id}, 1) = '0' OR {id} <> lower({id}) OR length({id}) = 18 OR right({id}, 2) = '.0' OR {id} ~ '[^0-9]0[0-9]*$' OR {id} ~ '^(#|[Nn][OoRr]\.)')
