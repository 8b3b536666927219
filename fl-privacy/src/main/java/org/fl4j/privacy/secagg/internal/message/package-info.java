/**
 * The messages of a round, one record for each stage and direction; their seals, the keys of the seals, and the transcript that
 * keys and signatures are bound to.
 */
@NullMarked
package org.fl4j.privacy.secagg.internal.message;

import org.jspecify.annotations.NullMarked;
