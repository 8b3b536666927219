/**
 * Rules that tolerate Byzantine clients: up to f of n updates may be arbitrary, and the aggregate stays near the others.
 * Each rule sees every update in the clear, except {@link NormBounding} and {@link MajorityVote}, which are
 * linear.
 *
 * <p>An update whose norm is {@code 1e150} or more, which only a layout of dtype DOUBLE can hold, is rejected: its squares
 * leave the range of FP64. Smaller updates are accepted, however far out they are.
 */
@NullMarked
package org.fl4j.aggregation.robust;

import org.jspecify.annotations.NullMarked;
