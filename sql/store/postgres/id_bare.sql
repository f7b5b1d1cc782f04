regexp_replace({id}, '^(# *(?=[^ ])|[Nn][OoRr]\. ?(?=[0-9]))', '')
