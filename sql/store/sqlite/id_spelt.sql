(substr({id}, 1, 1) = '0' OR {id} GLOB '*[A-Z]*' OR length({id}) = 18 OR substr({id}, -2) = '.0' OR substr({id}, length(rtrim({id}, '0123456789')) + 1, 1) = '0')
