#include "CAssets.h"
const unsigned char martlet_asset_x[] = {
#embed "files/x.txt"
};
