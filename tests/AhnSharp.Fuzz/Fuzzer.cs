using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using AhnSharp.Failures;
using AhnSharp.Kernels;

namespace AhnSharp.Fuzz;

/// <summary>Runs a target on changed inputs, the same for the same seed; what it may not do is a find.</summary>
internal static class Fuzzer
{
    /// <summary>Every target.</summary>
    public static IReadOnlyList<FuzzTarget> Targets { get; } =
    [
        .. ModelTargets.All, .. PublisherTargets.All, SnapshotTarget.Create(), ArchiveTarget.Create(), .. SectionTargets.All,
        EvaluationTarget.Create(), .. HubTargets.All, .. DocumentTargets.All,
    ];

    /// <param name="target">The parser.</param>
    /// <param name="seed">Of the changes.</param>
    /// <param name="first">Number of the first input.</param>
    /// <param name="inputs">At most so many.</param>
    /// <param name="time">And for so long.</param>
    /// <param name="folder">Where the input lies that is being read: it is still there if the process ends by it.</param>
    /// <param name="onInput">Told of every input's number before it is read.</param>
    /// <param name="onFind">Told of every find.</param>
    public static FuzzCount Run(
        FuzzTarget target, int seed, int first, int inputs, TimeSpan time, string folder, Action<int> onInput, Action<FuzzFind> onFind)
    {
        IReadOnlyList<byte[]> seeds = target.Seeds();
        string path = NowPath(folder, target);
        Reading reading = new(target, path);
        // Valid inputs first: what is compiled and cached at first is not counted.
        foreach (byte[] valid in seeds)
        {
            string? wrong = reading.Of(valid, counts: false) ?? reading.Failure?.Message;
            if (wrong is not null)
                throw new InvalidOperationException($"{target.Name}: expected a valid input to begin with, found: {wrong}");
        }
        long started = Stopwatch.GetTimestamp();
        FuzzCount count = new(0, 0, long.MinValue, 0, false);
        while (count.Inputs < inputs && !count.Hung && Stopwatch.GetElapsedTime(started) < time)
        {
            int number = first + count.Inputs;
            onInput(number);
            byte[] input = InputOf(target, seed, number, seeds);
            if (reading.Of(input, counts: true) is { } what)
                onFind(new FuzzFind(target.Name, seed, number, input, what, reading.Failure?.ToString() ?? ""));
            count = new FuzzCount(count.Inputs + 1, count.Refused + (reading.Failure is null ? 0 : 1),
                Math.Max(count.MostBytes, reading.BytesBeyond), Math.Max(count.MostSeconds, reading.Seconds), reading.IsHung);
        }
        File.Delete(path);
        return count;
    }

    /// <summary>The input of a number: any can be made again without those before it.</summary>
    public static byte[] InputOf(FuzzTarget target, int seed, int number, IReadOnlyList<byte[]> seeds)
    {
        Random random = new(unchecked(seed * 1_000_003 + number));
        return target.Mutate?.Invoke(random, seeds) ?? Mutator.Bytes(random, seeds, target.Words);
    }

    /// <summary>Where the input lies that is being read.</summary>
    public static string NowPath(string folder, FuzzTarget target) => Path.Combine(folder, $"{target.Name}-now{target.Extension}");

    // One input after the other on threads with the stack of a server's, not with that of the main one.
    private sealed class Reading(FuzzTarget target, string path)
    {
        public Exception? Failure { get; private set; }

        public long BytesBeyond { get; private set; }

        public double Seconds { get; private set; }

        public bool IsHung { get; private set; }

        public string? Of(byte[] input, bool counts)
        {
            File.WriteAllBytes(path, input);
            Failure = null;
            long allocated = 0;
            Thread thread = new(() => allocated = Read(input), 1 << 20) { IsBackground = true };
            TimeSpan before = Environment.CpuUsage.TotalTime;
            thread.Start();
            IsHung = !thread.Join(10 * target.MaxTime);
            if (IsHung) return $"no end in {10 * target.MaxTime.TotalSeconds} s";
            Seconds = counts ? (Environment.CpuUsage.TotalTime - before).TotalSeconds : 0;
            BytesBeyond = counts ? allocated - (long)target.BytesPerByte * input.Length : long.MinValue;
            if (Failure is not null)
            {
                if (!target.IsExpected(Failure)) return $"{Failure.GetType().Name}: {Brief(Failure.Message)} {Place(Failure)}";
                string sentence = FailureSentence.Of(Failure);
                if (sentence.Length < 10 || sentence.Length > path.Length + 2000 || sentence[^1] is not ('.' or '?'))
                    return $"no sentence, {sentence.Length} characters: {Brief(sentence)} {Place(Failure)}";
            }
            if (BytesBeyond > target.ConstantBytes)
            {
                return $"{allocated:N0} bytes allocated for {input.Length:N0}; "
                    + $"expected at most {target.BytesPerByte} each and {target.ConstantBytes:N0}";
            }
            // The suite runs tests beside each other, and the time is that of the process: there only a hang is told from them.
            return counts && !IsInSuite && Seconds > target.MaxTime.TotalSeconds
                ? $"{Seconds:F1} s of processor time for {input.Length:N0} bytes; expected at most {target.MaxTime.TotalSeconds} s"
                : null;
        }

        private long Read(byte[] input)
        {
            long before = GC.GetAllocatedBytesForCurrentThread() + NativeBuffer.AllocatedBytesForCurrentThread;
            try
            {
                target.Read(input, path);
            }
#pragma warning disable CA1031 // The very question is which it is.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Failure = e;
            }
            return GC.GetAllocatedBytesForCurrentThread() + NativeBuffer.AllocatedBytesForCurrentThread - before;
        }

        private static string Brief(string text) => text.Length > 300 ? text[..300] + " …" : text;

        private static string Place(Exception e) => e.StackTrace?.Split('\n').FirstOrDefault(
            static line => line.Contains("AhnSharp", StringComparison.Ordinal))?.Trim() ?? e.StackTrace?.Split('\n')[0].Trim() ?? "";

        private static bool IsInSuite { get; } = Environment.GetCommandLineArgs()[0].Contains("testhost", StringComparison.Ordinal);
    }
}
