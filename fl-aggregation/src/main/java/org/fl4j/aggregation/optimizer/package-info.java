/** How the server steps: momentum and adaptive server optimizers. */
@NullMarked
package org.fl4j.aggregation.optimizer;

import org.jspecify.annotations.NullMarked;
