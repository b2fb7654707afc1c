#pragma once
#include <stddef.h>

/// Bytes that live as long as the process.
struct martlet_asset {
    const unsigned char *bytes;
    size_t count;
};

/// The files that the dashboard's pages load, embedded at compile time.
struct martlet_asset martlet_asset_dashboard_css(void);
struct martlet_asset martlet_asset_dashboard_js(void);
struct martlet_asset martlet_asset_mark_svg(void);

/// The program that quantises and prunes ONNX models, as a guest, and the two modules that it imports.
struct martlet_asset martlet_asset_optimize_onnx_py(void);
struct martlet_asset martlet_asset_prune_trees_py(void);
struct martlet_asset martlet_asset_reference_rows_py(void);

/// The program that turns scikit-learn models into ONNX, as a guest.
struct martlet_asset martlet_asset_convert_sklearn_py(void);

/// The program that reads Parquet files, as a guest.
struct martlet_asset martlet_asset_read_parquet_py(void);

/// The program that serves MLflow models by their python_function, as a guest.
struct martlet_asset martlet_asset_serve_pyfunc_py(void);

/// The descriptors of the services that are answered by gRPC, as `script/generate` makes them.
struct martlet_asset martlet_asset_grpc_descriptors(void);
