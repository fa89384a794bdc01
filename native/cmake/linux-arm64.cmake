# With clang, and the libraries of Debian's packages gcc-aarch64-linux-gnu and g++-aarch64-linux-gnu:
#   cmake -B artifacts/native/arm64 -DCMAKE_TOOLCHAIN_FILE=native/cmake/linux-arm64.cmake && cmake --build artifacts/native/arm64
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
find_program(CLANG NAMES clang clang-19 clang-18 clang-17 clang-16 clang-15 clang-14 REQUIRED)
set(CMAKE_C_COMPILER ${CLANG})
set(CMAKE_CXX_COMPILER ${CLANG})
set(CMAKE_C_COMPILER_TARGET aarch64-linux-gnu)
set(CMAKE_CXX_COMPILER_TARGET aarch64-linux-gnu)
set(CMAKE_OBJCOPY aarch64-linux-gnu-objcopy)
