/** Who takes part in a round: selectors, and what they may know. */
@NullMarked
package org.fl4j.server.selection;

import org.jspecify.annotations.NullMarked;
