/** Weights in the file formats that other languages read: NumPy's and safetensors. */
@NullMarked
package org.fl4j.weights.format;

import org.jspecify.annotations.NullMarked;
