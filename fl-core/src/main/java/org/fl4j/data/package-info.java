/**
 * Labelled examples and where they come from: readers of CSV and IDX files, standardization, the synthetic federations of the
 * literature, and the {@linkplain org.fl4j.data.Partitioner partitioners} that divide examples among clients.
 */
@NullMarked
package org.fl4j.data;

import org.jspecify.annotations.NullMarked;
