#include <hybridconv.h>
#include <stdio.h>

int main(void) {
    hc_library_info info = HC_LIBRARY_INFO_INIT;
    if (hc_info(&info) != HC_OK) {
        fprintf(stderr, "%s\n", hc_last_error());
        return 1;
    }
    printf("HybridConv %s, %s kernels, compiled for %s, on %s\n", info.version, info.isa, info.level, info.processor);
    return info.abi_version == HC_ABI_VERSION ? 0 : 1;
}
