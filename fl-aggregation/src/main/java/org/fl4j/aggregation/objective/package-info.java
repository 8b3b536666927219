/** Rules that say what clients minimise, and the clients' side of them. */
@NullMarked
package org.fl4j.aggregation.objective;

import org.jspecify.annotations.NullMarked;
