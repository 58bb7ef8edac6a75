# Writes TEMPLATE to OUTPUT with the texts of LIBRARY, LICENCE, SCRIPT and STYLE, and their SHA-256, in their places.
cmake_minimum_required(VERSION 3.25)
foreach(part LIBRARY LICENCE SCRIPT STYLE)
  file(READ ${${part}} ${part}_TEXT)
  # Within a script or a style element these would end it or begin a comment.
  if(NOT part STREQUAL "LICENCE" AND "${${part}_TEXT}" MATCHES "</[Ss][Cc][Rr]|</[Ss][Tt][Yy]|<!--|\r")
    message(FATAL_ERROR "${${part}} cannot stand in a page: it has ${CMAKE_MATCH_0}")
  endif()
  string(SHA256 ${part}_SHA256 "${${part}_TEXT}")
endforeach()
configure_file(${TEMPLATE} ${OUTPUT} @ONLY)
