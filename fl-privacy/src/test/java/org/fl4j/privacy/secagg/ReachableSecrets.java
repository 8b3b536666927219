package org.fl4j.privacy.secagg;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.security.SecureRandom;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * All arrays of numbers that can be reached from a session through fields of this package's classes, but for those that hold
 * nothing secret. It remembers the arrays themselves, so that they can be looked at when the session has let go of them.
 */
final class ReachableSecrets {

    /** Class and field of what everybody may see. */
    private static final Set<String> PUBLIC = Set.of(
            "KeyPair25519.publicKey",
            "Bytes.bytes",
            "NeighbourGraph.order",
            "NeighbourGraph.position",
            "Keys.announcement",
            "Keys.announced",
            "AdvertisedKeys.holders",
            "SignatureCollection.signed",
            "HolderConnection.server",
            "SharedSum.others",
            "ShareBook.counts",
            "ShareBook.holders");

    private final IdentityHashMap<Object, String> arrays = new IdentityHashMap<>();
    private final Set<Object> objects = Collections.newSetFromMap(new IdentityHashMap<>());

    /** Adds what can be reached now. */
    void collect(Object session) throws IllegalAccessException {
        walk(session, session.getClass().getSimpleName(), Collections.newSetFromMap(new IdentityHashMap<>()));
    }

    private void walk(Object value, String where, Set<Object> visited) throws IllegalAccessException {
        if (value == null || value instanceof SecureRandom || PUBLIC.contains(where) || !visited.add(value)) {
            return;
        }
        if (value.getClass().isArray()) {
            if (value.getClass().getComponentType().isPrimitive()) {
                arrays.put(value, where);
            } else {
                for (Object each : (Object[]) value) {
                    walk(each, where, visited);
                }
            }
        } else if (value instanceof Collection<?> collection) {
            for (Object each : collection) {
                walk(each, where, visited);
            }
        } else if (value instanceof Map<?, ?> map) {
            for (Object each : map.values()) {
                walk(each, where, visited);
            }
        } else if (value instanceof Optional<?> optional && optional.isPresent()) {
            walk(optional.get(), where, visited);
        } else if (value.getClass().getName().startsWith("org.fl4j.privacy.secagg.")) {
            objects.add(value);
            for (Field field : value.getClass().getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
                    field.setAccessible(true);
                    walk(field.get(value), name(field), visited);
                }
            }
        }
    }

    private static String name(Field field) {
        return field.getDeclaringClass().getSimpleName() + "." + field.getName();
    }

    /** Class and field of every array that was found and is not all zero. */
    Set<String> legible() {
        Set<String> legible = new TreeSet<>();
        arrays.forEach((array, where) -> {
            for (int i = 0; i < Array.getLength(array); i++) {
                if (Array.getLong(array, i) != 0) {
                    legible.add(where);
                }
            }
        });
        return legible;
    }

    /** Every object of this package that was found. */
    Set<Object> objects() {
        return objects;
    }
}
