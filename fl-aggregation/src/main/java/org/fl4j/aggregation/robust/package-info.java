/**
 * Rules that survive Byzantine clients: up to f of n updates may be anything at all, and the aggregate stays near the
 * others. Each sees every update in the clear.
 *
 * <p>An update whose norm is {@code 1e150} or more, which only a layout of dtype DOUBLE can hold, is refused: its squares
 * leave the range of FP64. Everything smaller is taken, however far out it is.
 */
@NullMarked
package org.fl4j.aggregation.robust;

import org.jspecify.annotations.NullMarked;
