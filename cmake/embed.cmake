# Compiles the declarations, pipelines, marts, migrations and the dashboard into the binary: sg_embedded defines
# stargaze::EmbeddedFiles(). The list is made when building (embed_files.cmake), since the dashboard's file names
# are known only after npm has built it.
option(STARGAZE_WEB "Build the dashboard with npm; when off, web/dist is embedded as it lies there" ON)

set(embed_inputs)
foreach(folder catalog pipelines marts src/warehouse/migrations)
  file(GLOB_RECURSE found CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*)
  list(APPEND embed_inputs ${found})
endforeach()

set(web ${CMAKE_SOURCE_DIR}/web)
file(GLOB web_package CONFIGURE_DEPENDS ${web}/package.json)
if(STARGAZE_WEB AND web_package)
  file(GLOB_RECURSE web_sources CONFIGURE_DEPENDS ${web}/src/* ${web}/public/*)
  file(GLOB web_roots CONFIGURE_DEPENDS ${web}/*.html ${web}/*.json ${web}/*.js ${web}/*.mjs ${web}/*.ts)
  if(NOT EXISTS ${web}/node_modules/.package-lock.json)
    message(FATAL_ERROR "web/node_modules is missing: run ./x setup, or configure with -DSTARGAZE_WEB=OFF")
  endif()
  # Every build folder shares web/dist, and index.html is the last thing that changes in it.
  add_custom_command(
    OUTPUT ${web}/dist/index.html
    COMMAND ${CMAKE_COMMAND} -E env --modify PATH=path_list_prepend:${CMAKE_SOURCE_DIR}/.deps/node/bin
            npm run --silent build
    COMMAND ${CMAKE_COMMAND} -E touch ${web}/dist/index.html
    WORKING_DIRECTORY ${web}
    DEPENDS ${web_sources} ${web_roots} ${web}/node_modules/.package-lock.json
    COMMENT "Building the dashboard"
    USES_TERMINAL VERBATIM)
  list(APPEND embed_inputs ${web}/dist/index.html)
else()
  file(GLOB web_built CONFIGURE_DEPENDS ${web}/dist/index.html)
  list(APPEND embed_inputs ${web_built})
endif()

# The hash makes Ninja run the command again when a file has gone: fewer inputs alone are no reason for it.
string(SHA1 embed_list "${embed_inputs}")
set(embed_output ${CMAKE_BINARY_DIR}/embedded_files)
add_custom_command(
  OUTPUT ${embed_output}.cc ${embed_output}.S
  COMMAND ${CMAKE_COMMAND} -DROOT=${CMAKE_SOURCE_DIR} -DOUTPUT=${embed_output} -DLIST=${embed_list}
          -P ${CMAKE_SOURCE_DIR}/cmake/embed_files.cmake
  DEPENDS ${embed_inputs} ${CMAKE_SOURCE_DIR}/cmake/embed_files.cmake
  COMMENT "Listing the embedded files"
  VERBATIM)
add_library(sg_embedded STATIC ${embed_output}.cc ${embed_output}.S)
target_include_directories(sg_embedded PUBLIC ${CMAKE_SOURCE_DIR}/src)
