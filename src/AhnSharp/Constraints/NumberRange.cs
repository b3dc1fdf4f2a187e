using System;
using System.Collections.Generic;
using System.Numerics;

namespace AhnSharp.Constraints;

/// <summary>
/// The automaton of numbers within bounds and of a multiple, written without exponent: it reads the digits and keeps how they compare with
/// those of each bound, and the rest of the division.
/// </summary>
internal sealed class NumberRange
{
    private const int MaxWholeDigits = 18, MaxPlaces = 20, MaxDivisor = 1000;

    private readonly bool _integer;
    private readonly Limit? _low, _high;
    private readonly int _divisor, _divisorPlaces;
    private readonly bool _hasMultiple;

    private NumberRange(bool integer, Limit? low, Limit? high, Decimal10? multiple)
    {
        (_integer, _low, _high, _hasMultiple, _divisor) = (integer, low, high, multiple is not null, 1);
        if (multiple is not Decimal10 value) return;
        if (value.Digits > MaxDivisor || value.Places > MaxPlaces)
            throw new ConstraintException($"expected a multiple of at most {MaxDivisor} units of its last digit, found more");
        (_divisor, _divisorPlaces) = ((int)value.Digits, value.Places);
    }

    /// <summary>A bound: whether it is negative, its digits, whether it is itself within.</summary>
    private sealed record Limit(int Sign, string Whole, string Fraction, bool Inclusive);

    private enum Phase { Start, Minus, Zero, Whole, Point, Fraction }

    /// <summary>Digits so far and how the magnitude compares with those of both limits that have come up: −1, 0, 1.</summary>
    private readonly record struct State(Phase Phase, bool Negative, bool IsZero, int Digits, int Low, int High, int Rest);

    public static CharDfa Of(bool integer, (Decimal10 Value, bool Inclusive)? low, (Decimal10 Value, bool Inclusive)? high,
        Decimal10? multiple)
    {
        NumberRange range = new(integer, LimitOf(low), LimitOf(high), multiple);
        return CharDfa.Explore(new State(Phase.Start, false, true, 0, 0, 0, 0), range.Edges, range.Ends);
    }

    private static Limit? LimitOf((Decimal10 Value, bool Inclusive)? bound)
    {
        if (bound is not (Decimal10 value, bool inclusive)) return null;
        (string whole, string fraction) = value.Parts();
        return new Limit(value.Digits.Sign, whole, fraction, inclusive);
    }

    private IEnumerable<(int, int, State)> Edges(State state)
    {
        if (state.Phase == Phase.Start) yield return ('-', '-', state with { Phase = Phase.Minus, Negative = true });
        bool whole = state.Phase is Phase.Start or Phase.Minus or Phase.Whole;
        if (state.Phase is Phase.Zero or Phase.Whole && !_integer)
            yield return ('.', '.', Settle(state) with { Phase = Phase.Point, Digits = 0 });
        if (whole ? state.Digits >= MaxWholeDigits : state.Phase == Phase.Zero || state.Digits >= MaxPlaces) yield break;
        for (int digit = 0; digit <= 9; digit++)
        {
            State next = state with { Digits = state.Digits + 1, IsZero = state.IsZero && digit == 0 };
            if (whole)
            {
                next = next with
                {
                    Phase = digit == 0 && state.Phase != Phase.Whole ? Phase.Zero : Phase.Whole,
                    Low = Compare(state.Low, _low?.Whole, state.Digits, digit),
                    High = Compare(state.High, _high?.Whole, state.Digits, digit),
                    Rest = (state.Rest * 10 + digit) % _divisor,
                };
                if (next.Phase == Phase.Zero) next = next with { Digits = 0, Low = 0, High = 0 };
            }
            else
            {
                // Behind the places of the divisor only zeros are a multiple.
                if (_hasMultiple && state.Digits >= _divisorPlaces && digit != 0) continue;
                next = next with
                {
                    Phase = Phase.Fraction,
                    Low = CompareFraction(state.Low, _low?.Fraction, state.Digits, digit),
                    High = CompareFraction(state.High, _high?.Fraction, state.Digits, digit),
                    Rest = state.Digits < _divisorPlaces ? (state.Rest * 10 + digit) % _divisor : state.Rest,
                };
            }
            yield return ('0' + digit, '0' + digit, next);
        }
    }

    private bool Ends(State state)
    {
        if (state.Phase is Phase.Zero or Phase.Whole) state = Settle(state) with { Digits = 0 };
        else if (state.Phase != Phase.Fraction) return false;
        if (_hasMultiple)
        {
            BigInteger rest = state.Rest;
            if (state.Digits < _divisorPlaces) rest *= BigInteger.Pow(10, _divisorPlaces - state.Digits);
            if (rest % _divisor != 0) return false;
        }
        return (_low is null || Order(state, _low, state.Low) is var low && (low > 0 || (low == 0 && _low.Inclusive)))
            && (_high is null || Order(state, _high, state.High) is var high && (high < 0 || (high == 0 && _high.Inclusive)));
    }

    // The number against the limit, once it has ended.
    private static int Order(State state, Limit limit, int magnitudes)
    {
        if (state.IsZero) return -limit.Sign;
        if (magnitudes == 0 && state.Digits < limit.Fraction.Length) magnitudes = -1;
        return state.Negative
            ? (limit.Sign >= 0 ? -1 : -magnitudes)
            : (limit.Sign <= 0 ? 1 : magnitudes);
    }

    // Once the digits before the point have ended, the longer number is the larger one.
    private State Settle(State state) =>
        state with { Low = ByLength(state.Low, state.Digits, _low), High = ByLength(state.High, state.Digits, _high) };

    private static int ByLength(int order, int digits, Limit? limit) =>
        limit is null || digits == limit.Whole.Length ? order : Math.Sign(digits - limit.Whole.Length);

    private static int Compare(int order, string? limit, int index, int digit) =>
        order != 0 || limit is null || index >= limit.Length ? order : Math.Sign(digit - (limit[index] - '0'));

    private static int CompareFraction(int order, string? limit, int index, int digit) =>
        order != 0 || limit is null ? order : Math.Sign(digit - (index < limit.Length ? limit[index] - '0' : 0));
}
