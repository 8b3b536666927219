package org.fl4j.model;

/**
 * An area under a curve, computed from scores in bins.
 *
 * @param value of scores rounded to bins, those of one bin counting as equal; in [0, 1]
 * @param error how far the area of the scores themselves can be from it, at most; at least 0
 */
public record Area(double value, double error) {}
