/**
 * Training plans: a network as a flat list of native matrix products and loops over buffers made once. A {@code Plan}
 * runs {@code Layer}s over {@code Matrix}es (activations and their gradients) and {@code Parameter}s (weights), ends in
 * a {@code Head} (loss), and steps by {@code Steps} with an {@code Optimizer}. {@code Blas} is the only class that calls OpenBLAS.
 */
@NullMarked
package org.fl4j.models.internal;

import org.jspecify.annotations.NullMarked;
