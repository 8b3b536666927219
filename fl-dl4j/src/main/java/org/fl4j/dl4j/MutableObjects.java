package org.fl4j.dl4j;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds what could change among the objects that a configuration reaches, transient fields included: DL4J keeps dropout
 * masks, learning rates and counts there. Two models on two threads must have none of it in common.
 *
 * <p>Left out is what nothing changes: enum constants, values of the JDK, its unmodifiable collections, objects whose
 * fields are all final (what these refer to is looked at), and arrays of ND4J, such as label weights.
 */
final class MutableObjects {

    private static final List<String> LEAVES = List.of(
            "java.",
            "javax.",
            "jdk.",
            "sun.",
            "org.nd4j.linalg.api.",
            "org.nd4j.autodiff.",
            "org.bytedeco.",
            "org.slf4j.");
    private static final List<String> UNMODIFIABLE =
            List.of("java.util.ImmutableCollections", "java.util.Collections$");

    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<Object> mutable = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Deque<Object> open = new ArrayDeque<>();

    private MutableObjects() {}

    /** By identity. */
    static Set<Object> reachableFrom(Object... roots) {
        MutableObjects found = new MutableObjects();
        Arrays.stream(roots).forEach(found::meet);
        while (!found.open.isEmpty()) {
            found.visit(found.open.remove());
        }
        return found.mutable;
    }

    private void meet(@Nullable Object object) {
        if (object != null && !(object instanceof Enum<?>) && seen.add(object)) {
            open.add(object);
        }
    }

    private void visit(Object object) {
        if (object instanceof Collection<?> elements) {
            add(object, !startsWithOneOf(UNMODIFIABLE, object));
            elements.forEach(this::meet);
        } else if (object instanceof Map<?, ?> entries) {
            add(object, !startsWithOneOf(UNMODIFIABLE, object));
            entries.keySet().forEach(this::meet);
            entries.values().forEach(this::meet);
        } else if (object.getClass().isArray()) {
            add(object, Array.getLength(object) > 0);
            if (object instanceof Object[] elements) {
                Arrays.stream(elements).forEach(this::meet);
            }
        } else if (!startsWithOneOf(LEAVES, object)) {
            for (Class<?> type = object.getClass(); type != Object.class; type = type.getSuperclass()) {
                Arrays.stream(type.getDeclaredFields())
                        .filter(field -> !Modifier.isStatic(field.getModifiers()))
                        .forEach(field -> follow(object, field));
            }
        }
    }

    private void follow(Object object, Field field) {
        add(object, !Modifier.isFinal(field.getModifiers()));
        if (field.getType().isPrimitive()) {
            return;
        }
        try {
            field.setAccessible(true);
            meet(field.get(object));
        } catch (InaccessibleObjectException | IllegalAccessException closed) {
            add(object, true);
        }
    }

    private void add(Object object, boolean changes) {
        if (changes) {
            mutable.add(object);
        }
    }

    private static boolean startsWithOneOf(List<String> packages, Object object) {
        return packages.stream().anyMatch(object.getClass().getName()::startsWith);
    }
}
