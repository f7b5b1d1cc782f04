(CASE WHEN {id} GLOB '#*[^ ]*' THEN ltrim(substr({id}, 2)) WHEN {id} GLOB '[Nn][OoRr].[0-9]*' OR {id} GLOB '[Nn][OoRr]. [0-9]*' THEN ltrim(substr({id}, 4)) ELSE {id} END)
