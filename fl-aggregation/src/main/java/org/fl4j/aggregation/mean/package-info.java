/** Weighted means of client updates. */
@NullMarked
package org.fl4j.aggregation.mean;

import org.jspecify.annotations.NullMarked;
