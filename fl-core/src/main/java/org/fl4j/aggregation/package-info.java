/** How updates combine: the ladder of aggregators, ordered by what the server may see. */
@NullMarked
package org.fl4j.aggregation;

import org.jspecify.annotations.NullMarked;
