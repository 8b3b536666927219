/** Layers of images, channels last: convolution, in one of three ways by shape and core, pooling, and changes of order. */
@NullMarked
package org.fl4j.models.internal.image;

import org.jspecify.annotations.NullMarked;
