# Finds clang 19: the imported target `libclang` for tool/, and UNGIL_CLANG, the compiler that
# preprocesses and parses.  Only what needs them fails when they are missing.
set(UNGIL_LLVM_PREFIX /usr/lib/llvm-19 CACHE PATH "installation prefix of LLVM and clang 19")

find_path(UNGIL_LIBCLANG_INCLUDE clang-c/Index.h PATHS ${UNGIL_LLVM_PREFIX}/include NO_DEFAULT_PATH)
find_library(UNGIL_LIBCLANG_LIBRARY NAMES libclang-19.so libclang.so
             PATHS ${UNGIL_LLVM_PREFIX}/lib NO_DEFAULT_PATH)
find_program(UNGIL_CLANG NAMES clang-19 clang PATHS ${UNGIL_LLVM_PREFIX}/bin NO_DEFAULT_PATH)
mark_as_advanced(UNGIL_LIBCLANG_INCLUDE UNGIL_LIBCLANG_LIBRARY UNGIL_CLANG)

if(UNGIL_LIBCLANG_INCLUDE AND UNGIL_LIBCLANG_LIBRARY)
    add_library(libclang SHARED IMPORTED GLOBAL)
    set_target_properties(libclang PROPERTIES
        IMPORTED_LOCATION ${UNGIL_LIBCLANG_LIBRARY}
        IMPORTED_NO_SONAME OFF
        INTERFACE_INCLUDE_DIRECTORIES ${UNGIL_LIBCLANG_INCLUDE})
else()
    message(WARNING "libclang 19 not found under ${UNGIL_LLVM_PREFIX} (run ./dev setup)")
endif()

# LLVM's own library, which verify/ is built on.
find_program(UNGIL_LLVM_CONFIG NAMES llvm-config PATHS ${UNGIL_LLVM_PREFIX}/bin NO_DEFAULT_PATH)
mark_as_advanced(UNGIL_LLVM_CONFIG)
