# Writes TEMPLATE to OUTPUT with the text of INPUT in the place of @DOCUMENT@.
file(READ ${INPUT} DOCUMENT)
configure_file(${TEMPLATE} ${OUTPUT} @ONLY)
