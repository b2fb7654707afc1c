#include "CAssets.h"

static const unsigned char dashboard_css[] = {
#embed "files/dashboard.css"
};
static const unsigned char dashboard_js[] = {
#embed "files/dashboard.js"
};
static const unsigned char mark_svg[] = {
#embed "files/mark.svg"
};
static const unsigned char optimize_onnx_py[] = {
#embed "files/optimize_onnx.py"
};
static const unsigned char prune_trees_py[] = {
#embed "files/prune_trees.py"
};
static const unsigned char reference_rows_py[] = {
#embed "files/reference_rows.py"
};
static const unsigned char convert_sklearn_py[] = {
#embed "files/convert_sklearn.py"
};
static const unsigned char read_parquet_py[] = {
#embed "files/read_parquet.py"
};
static const unsigned char serve_pyfunc_py[] = {
#embed "files/serve_pyfunc.py"
};
static const unsigned char grpc_descriptors[] = {
#embed "files/grpc_descriptors.binpb"
};

struct martlet_asset martlet_asset_dashboard_css(void) {
    return (struct martlet_asset){dashboard_css, sizeof dashboard_css};
}

struct martlet_asset martlet_asset_dashboard_js(void) {
    return (struct martlet_asset){dashboard_js, sizeof dashboard_js};
}

struct martlet_asset martlet_asset_mark_svg(void) {
    return (struct martlet_asset){mark_svg, sizeof mark_svg};
}

struct martlet_asset martlet_asset_optimize_onnx_py(void) {
    return (struct martlet_asset){optimize_onnx_py, sizeof optimize_onnx_py};
}

struct martlet_asset martlet_asset_prune_trees_py(void) {
    return (struct martlet_asset){prune_trees_py, sizeof prune_trees_py};
}

struct martlet_asset martlet_asset_reference_rows_py(void) {
    return (struct martlet_asset){reference_rows_py, sizeof reference_rows_py};
}

struct martlet_asset martlet_asset_convert_sklearn_py(void) {
    return (struct martlet_asset){convert_sklearn_py, sizeof convert_sklearn_py};
}

struct martlet_asset martlet_asset_read_parquet_py(void) {
    return (struct martlet_asset){read_parquet_py, sizeof read_parquet_py};
}

struct martlet_asset martlet_asset_serve_pyfunc_py(void) {
    return (struct martlet_asset){serve_pyfunc_py, sizeof serve_pyfunc_py};
}

struct martlet_asset martlet_asset_grpc_descriptors(void) {
    return (struct martlet_asset){grpc_descriptors, sizeof grpc_descriptors};
}
