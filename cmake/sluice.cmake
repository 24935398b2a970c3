# How every target of sluice is built: one interface target for warnings and sanitizers, one helper per kind of target.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
# A folder looks for its own libraries; what links with the folder must see them too.
set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
# NDEBUG stays off: assertions are part of the promise.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")

set(SLUICE_SANITIZE "" CACHE STRING "Sanitizers, comma separated: address,undefined or thread")
option(SLUICE_WERROR "Warnings are errors" OFF)
option(SLUICE_FAILPOINTS "Tests can have daemons killed and stopped at named steps (runtime/failpoint.h)" OFF)
option(SLUICE_FUZZ "Build tests/fuzz, which needs clang" OFF)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

# Generated code takes the sanitizers without the warnings.
add_library(sluice_sanitizers INTERFACE)
if(SLUICE_SANITIZE)
  target_compile_options(sluice_sanitizers INTERFACE -fsanitize=${SLUICE_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(sluice_sanitizers INTERFACE -fsanitize=${SLUICE_SANITIZE})
endif()

add_library(sluice_flags INTERFACE)
target_link_libraries(sluice_flags INTERFACE sluice_sanitizers)
target_compile_options(sluice_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-qual -Woverloaded-virtual
  -fno-omit-frame-pointer -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
target_include_directories(sluice_flags INTERFACE ${CMAKE_SOURCE_DIR})
if(SLUICE_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 takes what a sanitizer adds to <regex> for reads of uninitialised memory.
  target_compile_options(sluice_flags INTERFACE -Wno-maybe-uninitialized)
endif()
if(SLUICE_FAILPOINTS)
  target_compile_definitions(sluice_flags INTERFACE SLUICE_FAILPOINTS)
endif()
if(SLUICE_WERROR)
  target_compile_options(sluice_flags INTERFACE -Werror)
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# add_part(NAME SOURCES … LIBRARIES …): the library sluice_NAME of one folder.
function(add_part name)
  cmake_parse_arguments(PART "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_library(sluice_${name} STATIC ${PART_SOURCES})
  target_link_libraries(sluice_${name} PUBLIC sluice_flags ${PART_LIBRARIES})
endfunction()

# A tenth less CPU in the ledger than with glibc's. A sanitizer brings its own.
find_library(JEMALLOC jemalloc)
set(sluice_allocator)
if(JEMALLOC AND NOT SLUICE_SANITIZE)
  set(sluice_allocator ${JEMALLOC})
endif()

# add_daemon(NAME LIBRARIES …): the program sluice-NAME from this folder's main.cpp.
function(add_daemon name)
  cmake_parse_arguments(DAEMON "" "" "LIBRARIES" ${ARGN})
  add_executable(sluice-${name} main.cpp)
  target_link_libraries(sluice-${name} PRIVATE sluice_flags ${DAEMON_LIBRARIES} ${sluice_allocator})
  target_compile_definitions(sluice-${name} PRIVATE SLUICE_VERSION="${PROJECT_VERSION}")
  set_target_properties(sluice-${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()

# add_unit_test(NAME SOURCES … LIBRARIES …): a GoogleTest program that ctest runs as one test, from the top of the tree.
function(add_unit_test name)
  cmake_parse_arguments(TEST "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${TEST_SOURCES})
  target_link_libraries(${name} PRIVATE sluice_flags ${TEST_LIBRARIES} GTest::gmock GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
endfunction()
