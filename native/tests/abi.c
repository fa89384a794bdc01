/* Sizes and offsets that programs have been compiled with: on systems with 64-bit pointers they never change, fields are only added at the end. */
#include <stdio.h>

#include "hybridconv.h"

#define SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes), #type)
#define AT(type, field, bytes) _Static_assert(offsetof(type, field) == (bytes), #type "." #field)

SIZE(void *, 8);
SIZE(hc_status, 4);
SIZE(hc_type, 4);
SIZE(hc_precision, 4);
SIZE(hc_layout, 4);
SIZE(hc_verify_mode, 4);
SIZE(hc_on_mismatch, 4);
SIZE(hc_fit, 4);

SIZE(hc_library_info, 48);
AT(hc_library_info, version, 8);
AT(hc_library_info, isa, 16);
AT(hc_library_info, level, 24);
AT(hc_library_info, processor, 32);
AT(hc_library_info, abi_version, 40);
AT(hc_library_info, processors, 44);

SIZE(hc_model_options, 32);
AT(hc_model_options, max_model_bytes, 8);
AT(hc_model_options, max_tensor_bytes, 16);
AT(hc_model_options, max_nodes, 24);
AT(hc_model_options, borrow_memory, 28);

SIZE(hc_dimension, 16);
AT(hc_dimension, size, 8);

SIZE(hc_shape, 24);
AT(hc_shape, dims, 8);
AT(hc_shape, rank, 16);

SIZE(hc_session_options, 136);
AT(hc_session_options, target, 8);
AT(hc_session_options, threads, 16);
AT(hc_session_options, precision, 20);
AT(hc_session_options, input_layout, 24);
AT(hc_session_options, output_layout, 28);
AT(hc_session_options, dimensions, 32);
AT(hc_session_options, dimension_count, 40);
AT(hc_session_options, input_shapes, 48);
AT(hc_session_options, input_shape_count, 56);
AT(hc_session_options, keep, 64);
AT(hc_session_options, keep_count, 72);
AT(hc_session_options, verify, 80);
AT(hc_session_options, on_mismatch, 84);
AT(hc_session_options, verify_against, 88);
AT(hc_session_options, max_tensor_bytes, 96);
AT(hc_session_options, max_total_bytes, 104);
AT(hc_session_options, cache_folder, 112);
AT(hc_session_options, tune_file, 120);
AT(hc_session_options, max_plans, 128);

SIZE(hc_session_info, 48);
AT(hc_session_info, target, 8);
AT(hc_session_info, target_reason, 16);
AT(hc_session_info, input_count, 24);
AT(hc_session_info, output_count, 32);
AT(hc_session_info, threads, 40);

SIZE(hc_tensor, 48);
AT(hc_tensor, name, 8);
AT(hc_tensor, type, 16);
AT(hc_tensor, rank, 20);
AT(hc_tensor, shape, 24);
AT(hc_tensor, data, 32);
AT(hc_tensor, bytes, 40);

SIZE(hc_picture, 32);
AT(hc_picture, pixels, 8);
AT(hc_picture, width, 16);
AT(hc_picture, height, 20);
AT(hc_picture, channels, 24);
AT(hc_picture, row_bytes, 28);

SIZE(hc_picture_options, 48);
AT(hc_picture_options, fit, 8);
AT(hc_picture_options, scale, 12);
AT(hc_picture_options, mean, 16);
AT(hc_picture_options, std, 28);
AT(hc_picture_options, swap_red_blue, 40);

int main(void) {
    hc_library_info info = HC_LIBRARY_INFO_INIT;
    if (hc_info(&info) != HC_OK || info.abi_version != HC_ABI_VERSION) {
        fprintf(stderr, "the library's interface has version %d, the header's %d: %s\n", info.abi_version, HC_ABI_VERSION, hc_last_error());
        return 1;
    }
    return 0;
}
