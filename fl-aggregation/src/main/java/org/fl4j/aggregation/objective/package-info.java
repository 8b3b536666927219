/** Rules that carry the objective clients minimise, and the clients' side of these objectives. */
@NullMarked
package org.fl4j.aggregation.objective;

import org.jspecify.annotations.NullMarked;
