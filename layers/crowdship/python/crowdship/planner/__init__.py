"""The planner: who carries what, when and in which order. Pure: no AWS, no clock, typed values in, a plan out."""
