/** The edge to ND4J: batches as tensors that the caller frees, and native code pinned to one thread for the same bits. */
@NullMarked
package org.fl4j.nd4j;

import org.jspecify.annotations.NullMarked;
