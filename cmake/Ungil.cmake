# Ungil.cmake - ungil_enable(target [RUNTIME segment|gil|plainview|count|check] [COMPILER cc] [OPTIONS
# option...])
#
# Builds an executable's C sources with ungil-cc, around the compiler that CMake chose, or COMPILER:
#     include(<prefix>/share/ungil/Ungil.cmake)
#     add_executable(vm vm.c)
#     ungil_enable(vm)
# OPTIONS go to `ungil translate`.
include_guard(GLOBAL)

if(NOT UNGIL_CC_EXECUTABLE)
    get_filename_component(_ungil_prefix ${CMAKE_CURRENT_LIST_DIR}/../.. ABSOLUTE)
    if(EXISTS ${_ungil_prefix}/bin/ungil-cc OR NOT UNGIL_STAGE)
        set(UNGIL_CC_EXECUTABLE ${_ungil_prefix}/bin/ungil-cc)
    else()
        set(UNGIL_CC_EXECUTABLE ${UNGIL_STAGE}/bin/ungil-cc) # inside Ungil's own build
    endif()
endif()

function(ungil_enable target)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "RUNTIME;COMPILER" "OPTIONS")
    if(NOT arg_RUNTIME)
        set(arg_RUNTIME segment)
    endif()
    if(arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "ungil_enable: unknown arguments: ${arg_UNPARSED_ARGUMENTS}")
    endif()
    set(launcher ${UNGIL_CC_EXECUTABLE} --runtime=${arg_RUNTIME})
    if(arg_COMPILER)
        list(APPEND launcher --real=${arg_COMPILER})
    endif()
    foreach(option IN LISTS arg_OPTIONS)
        list(APPEND launcher -Xungil ${option})
    endforeach()
    list(APPEND launcher --launch)
    set_target_properties(${target} PROPERTIES
        C_COMPILER_LAUNCHER "${launcher}"
        C_LINKER_LAUNCHER "${launcher}")
    cmake_path(GET UNGIL_CC_EXECUTABLE PARENT_PATH bin)
    cmake_path(GET bin PARENT_PATH prefix)
    # Translate again when the tools change, link again when the runtime does.
    get_target_property(sources ${target} SOURCES)
    set_property(SOURCE ${sources} TARGET_DIRECTORY ${target} APPEND PROPERTY
        OBJECT_DEPENDS "${bin}/ungil;${UNGIL_CC_EXECUTABLE}")
    set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS "${prefix}/lib/libungil_${arg_RUNTIME}.a")
    foreach(dependency ungil ungil-cc ungil_${arg_RUNTIME})
        if(TARGET ${dependency})
            add_dependencies(${target} ${dependency})
        endif()
    endforeach()
endfunction()
