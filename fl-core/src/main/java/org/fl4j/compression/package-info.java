/** Lossy codecs: how a client's update becomes fewer bytes, and what those bytes decode to. */
@NullMarked
package org.fl4j.compression;

import org.jspecify.annotations.NullMarked;
