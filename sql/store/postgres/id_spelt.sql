(left({id}, 1) = '0' OR {id} <> lower({id} COLLATE "C") OR length({id}) = 18 OR right({id}, 2) = '.0' OR {id} ~ '[^0-9]0[0-9]*$' OR {id} ~ '^(#|[Nn]([OoRr][. ]|\.?[\u00b0\u00ba])|\u2116)')
