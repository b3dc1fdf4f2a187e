using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using AhnSharp.Attention;
using AhnSharp.Gguf;
using AhnSharp.Kernels;
using AhnSharp.Network;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;
using Xunit;
using Xunit.Abstractions;

namespace AhnSharp.Tests.Model.Snapshots;

/// <summary>
/// A thousand changed snapshots with a fixed seed: each is refused by a sentence within twice the file's size of
/// memory, or is another valid one.
/// </summary>
public sealed class MutationTests(ITestOutputHelper output)
{
    private const int Mutations = 1000;

    // What an exception, its sentence and a file handle take, whatever the file.
    private const int Constant = 16 << 10;

    private enum Change
    {
        Flip,
        Truncate,
        Grow,
        Insert,
        HeaderNumber,
        HeaderByte,
        Content,
    }

    [Fact]
    public void Every_changed_snapshot_is_refused_or_harmless()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("m.ahn");
        using var gated = new TinyModelFile(ForkTests.Tiny(HippocampusKind.GatedDeltaNet), chunk: 32);
        (TinyModelFile Model, SnapshotBytes Snapshot)[] originals =
        [
            (gated, SnapshotBytes.Of(gated, MemoryMode.Ahn, KvType.F16, 100)),
            (gated, SnapshotBytes.Of(gated, MemoryMode.Ahn, KvType.Q8_0, 20)),
            (gated, SnapshotBytes.Of(gated, MemoryMode.Full, KvType.F32, 70)),
            (gated, SnapshotBytes.Of(gated, MemoryMode.Window, KvType.F16, 60)),
        ];
        Random random = new(20251107);
        var refused = new Dictionary<Change, int>();
        var accepted = new Dictionary<Change, int>();
        long worst = 0;
        for (int i = -8; i < Mutations; i++) // the first, valid ones, so that everything is compiled when allocations count
        {
            (TinyModelFile model, SnapshotBytes original) = originals[(i + 8) % originals.Length];
            var change = (Change)random.Next(7);
            byte[] bytes = i < 0 ? original.Whole : Mutate(random, original, change);
            File.WriteAllBytes(path, bytes);
            long before = Allocated();
            try
            {
                using LanguageSession session =
                    i % 3 == 0 ? model.Model.LoadSession(new MemoryStream(bytes)) : model.Model.LoadSession(path);
                if (i >= 0) accepted[change] = accepted.GetValueOrDefault(change) + 1;
                // Harmless: it goes on, whatever it was changed to.
                if (session.Position + 3 <= session.Plan.ContextTokens) model.Model.Forward(session, [1, 2, 3]);
            }
            catch (InvalidModelException error) when (i >= 0)
            {
                // Another valid file, of numbers that lead to none: said when they are met.
                Assert.Contains("expected finite numbers", error.Message, StringComparison.Ordinal);
            }
            catch (SnapshotException error)
            {
                long allocated = Allocated() - before;
                if (i < 0) throw;
                refused[change] = refused.GetValueOrDefault(change) + 1;
                Assert.StartsWith(i % 3 == 0 ? "the stream: " : path, error.Message, StringComparison.Ordinal);
                Assert.EndsWith(".", error.Message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', error.Message);
                Assert.InRange(error.Message.Length, 40, path.Length + 700);
                Assert.True(i < 8 || allocated <= 2L * bytes.Length + Constant,
                    $"mutation {i}, {change}: {allocated} bytes allocated for a file of {bytes.Length}: {error.Message}");
                worst = Math.Max(worst, i < 8 ? 0 : allocated - bytes.Length);
            }
        }
        foreach (Change change in Enum.GetValues<Change>())
        {
            output.WriteLine(
                $"{change}: {refused.GetValueOrDefault(change)} refused, {accepted.GetValueOrDefault(change)} another valid snapshot");
            // Every byte stands under a checksum: what does not belong together is never accepted.
            if (change < Change.HeaderNumber) Assert.Equal(0, accepted.GetValueOrDefault(change));
            Assert.True(refused.GetValueOrDefault(change) >= (change == Change.Content ? 0 : 50));
        }
        output.WriteLine($"at most the file + {worst} bytes allocated for a refusal");
        Assert.True(accepted[Change.Content] > 50);
    }

    private static byte[] Mutate(Random random, SnapshotBytes original, Change change)
    {
        byte[] whole = original.Whole;
        switch (change)
        {
            case Change.Flip:
                byte[] flipped = [.. whole];
                int flips = 1 + random.Next(3);
                // One at another place each, or they could undo each other.
                int at = random.Next(2) == 0 ? random.Next(original.HeaderLength - 3) : random.Next(whole.Length - 3);
                for (int i = 0; i < flips; i++) flipped[at + i] ^= (byte)(1 << random.Next(8));
                return flipped;
            case Change.Truncate:
                return whole[..random.Next(random.Next(2) == 0 ? original.HeaderLength : whole.Length)];
            case Change.Grow:
                // The stream's own form may be followed by anything, so the header claims the new length.
                byte[] grown = [.. whole, .. new byte[random.Next(1, 5000)]];
                BinaryPrimitives.WriteInt64LittleEndian(grown.AsSpan(16), grown.Length);
                original.Seal(grown);
                return grown;
            case Change.Insert:
                int place = random.Next(original.HeaderLength + 100);
                return [.. whole.AsSpan(0, place), .. new byte[random.Next(1, 9)], .. whole.AsSpan(place)];
            case Change.HeaderNumber:
                return original.Changed(bytes => PutNumber(random, bytes, random.Next(8, original.HeaderLength - 12)));
            case Change.HeaderByte:
                return original.Changed(bytes => bytes[random.Next(8, original.HeaderLength - 4)] ^= (byte)random.Next(1, 256));
            default:
                return original.Changed(bytes =>
                {
                    for (int i = 0; i < 20; i++) bytes[random.Next(original.HeaderLength, bytes.Length)] = (byte)random.Next(256);
                });
        }
    }

    // Counts are 32-bit numbers, lengths and offsets 64-bit: the edges of their range, and small changes.
    private static void PutNumber(Random random, byte[] bytes, int at)
    {
        if (random.Next(2) == 0)
        {
            Span<byte> place = bytes.AsSpan(at, 4);
            uint old = BinaryPrimitives.ReadUInt32LittleEndian(place);
            uint[] numbers = [0, 1, uint.MaxValue, int.MaxValue, 1u << 31, 1u << 29, 1u << random.Next(32), old + 1, old - 1, old * 2];
            BinaryPrimitives.WriteUInt32LittleEndian(place, numbers[random.Next(numbers.Length)]);
        }
        else
        {
            Span<byte> place = bytes.AsSpan(at, 8);
            ulong old = BinaryPrimitives.ReadUInt64LittleEndian(place);
            ulong[] numbers =
            [
                0, 1, ulong.MaxValue, long.MaxValue, 1UL << 63, 1UL << 31, 1UL << 32, int.MaxValue,
                1UL << random.Next(64), old + 1, old - 1, old * 2,
            ];
            BinaryPrimitives.WriteUInt64LittleEndian(place, numbers[random.Next(numbers.Length)]);
        }
    }

    private static long Allocated() => GC.GetAllocatedBytesForCurrentThread() + NativeBuffer.AllocatedBytesForCurrentThread;
}
