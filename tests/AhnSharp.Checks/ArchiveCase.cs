using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using AhnSharp.Archive;
using AhnSharp.Attention;
using AhnSharp.Conversion;
using AhnSharp.Cpu;
using AhnSharp.Sessions;

namespace AhnSharp.Checks;

/// <summary>A tiny random model with an archive or a reach whose logits, chosen blocks and shares are known.</summary>
/// <param name="Logits">Which of the logits.</param>
/// <param name="Options">Of its archive; null without one.</param>
/// <param name="Reach">r; null: none.</param>
/// <param name="ReadTokens">Tokens that are read before the others ask.</param>
/// <param name="Tolerance">Relative L2 error of the logits.</param>
public sealed record ArchiveCase(string Logits, ArchiveOptions? Options, long? Reach, int ReadTokens, double Tolerance)
{
    /// <summary>Rows of 84 that may be farther off where codes are rounded: a flipped choice shows in one row and few behind it.</summary>
    private const int OddRows = 3;

    private static readonly ArchiveOptions s_float = new()
    {
        BlockTokens = 8,
        AttendedBlocks = 2,
        Candidates = 6,
        CentreBlocks = 8,
        Threshold = -1e9f,
        Type = ArchiveType.F32,
    };

    private static readonly ArchiveOptions s_bytes = s_float with { Type = ArchiveType.EightBits, AsksInFloats = true };

    public static IReadOnlyList<ArchiveCase> All { get; } =
    [
        new("arch", s_float, null, 0, 1e-5),
        new("theta", s_float with { Threshold = -2 }, null, 0, 1e-5),
        new("heads", s_float with { Heads = [(0, 1), (2, 0)] }, null, 0, 1e-5),
        new("off", s_float with { Readout = ArchiveReadout.Off }, null, 0, 1e-5),
        new("on", s_float with { Readout = ArchiveReadout.On }, null, 0, 1e-5),
        new("ask", s_float, null, 256, 1e-5),
        new("askw", s_float with { Reading = ArchiveReading.Window }, null, 256, 1e-5),
        new("reach", s_float, 128, 0, 1e-5),
        new("sinks", null, 128, 0, 1e-5),
        // Keys in 32 bits flip some dozen of 245,000 codes, and where two blocks nearly tie, a choice with them: see OddRows.
        new("arch8", s_bytes, null, 0, 1e-3),
        new("reach8", s_bytes, 128, 0, 1e-3),
    ];

    public override string ToString() => Logits;

    /// <summary>Feeds the tokens in pieces and compares; a sentence where something differs, else null.</summary>
    /// <param name="kind">Of the memory.</param>
    /// <param name="pieces">Tokens of each, over and over; a piece ends where reading does.</param>
    /// <param name="threads">Of the team.</param>
    public string? Difference(string kind, int[] pieces, int threads)
    {
        ArgumentNullException.ThrowIfNull(pieces);
        using SafetensorsFile expected = SafetensorsFile.Open(Path.Combine(GoldenModel.Folder, $"archive_{kind}.safetensors"));
        int[] ids = Integers(expected, "ids"), rows = Integers(expected, "rows"), columns = Integers(expected, "columns");
        float[] logits = Singles(expected, "logits_" + Logits);
        int skipped = logits.Length == rows.Length * columns.Length ? 0 : Array.FindIndex(rows, row => row >= ReadTokens);
        using CpuModel model = Load(kind, threads);
        using LanguageSession session = model.CreateSession(new SessionOptions
        {
            Window = GoldenModel.Window,
            Sinks = GoldenModel.Sinks,
            Kv = KvType.F32,
            Archive = Options,
            Reach = Reach,
        });
        string? wrongChoice = null;
        int choices = 0;
        if (Logits == "arch")
        {
            int[] blocks = Integers(expected, "sel_arch");
            float[] shares = Singles(expected, "rho_arch");
            model.Stage.Retrieved = (in RetrievedBlocks choice) =>
            {
                choices++;
                wrongChoice ??= Compare(choice, blocks, shares);
            };
        }
        double size = 0;
        List<double> differences = [];
        for (int start = 0, i = 0; start < ids.Length; i++)
        {
            int count = Math.Min(pieces[i % pieces.Length], ids.Length - start);
            if (start < ReadTokens) count = Math.Min(count, ReadTokens - start);
            int first = start;
            model.Forward(
                session, ids.AsSpan(start, count), start < ReadTokens ? TokenPhase.Reading : TokenPhase.Asking, (index, found) =>
                {
                    int row = Array.IndexOf(rows, first + index) - skipped;
                    if (row < 0) return;
                    double difference = 0;
                    for (int c = 0; c < columns.Length; c++)
                    {
                        double e = logits[row * columns.Length + c], f = found[columns[c]];
                        difference += (e - f) * (e - f);
                        size += e * e;
                    }
                    differences.Add(difference);
                });
            start += count;
        }
        if (differences.Count != rows.Length - skipped)
            return $"expected the logits of {rows.Length - skipped} rows, found {differences.Count}";
        double error = Math.Sqrt(differences.Order().SkipLast(Tolerance > 1e-4 ? OddRows : 0).Sum() / size);
        if (!(error <= Tolerance)) return $"expected a relative error of the logits of at most {Tolerance}, found {error:e2}";
        if (wrongChoice is not null) return wrongChoice;
        // From the first sealed block on, each token of each layer and head chooses.
        int asked = (ids.Length - GoldenModel.Window - GoldenModel.Sinks - 7) * 3 * 2;
        return Logits == "arch" && choices < asked ? $"expected at least {asked} choices of blocks, found {choices}" : null;
    }

    // The numbers of two kinds belong to bases of their own.
    private static CpuModel Load(string kind, int threads)
    {
        string own = Path.Combine(GoldenModel.Folder, $"archive_base_{kind}.gguf");
        return CpuModel.Load(
            File.Exists(own) ? own : Path.Combine(GoldenModel.Folder, "base.gguf"), Path.Combine(GoldenModel.Folder, kind + ".gguf"),
            new ModelOptions { Threads = threads, ChunkTokens = 128, IgnoreFingerprint = true });
    }

    private static string? Compare(in RetrievedBlocks choice, int[] blocks, float[] shares)
    {
        const int Layers = 3, KvHeads = 2, Chosen = 2, Heads = 4;
        int at = ((int)choice.Position * Layers + choice.Layer) * KvHeads + choice.KvHead;
        for (int n = 0; n < Chosen; n++)
        {
            int found = n < choice.Blocks.Length ? choice.Blocks[n] : -1, wanted = blocks[at * Chosen + n];
            if (found != wanted)
            {
                return $"token {choice.Position}, layer {choice.Layer}, head {choice.KvHead}: expected block {wanted} at place {n}, "
                    + $"found {found}";
            }
        }
        for (int g = 0; g < choice.HeadShares.Length; g++)
        {
            float wanted = shares[((int)choice.Position * Layers + choice.Layer) * Heads + choice.KvHead * 2 + g];
            if (!(Math.Abs(wanted - choice.HeadShares[g]) <= 1e-4))
                return $"token {choice.Position}, layer {choice.Layer}: expected a share of {wanted}, found {choice.HeadShares[g]}";
        }
        return null;
    }

    private static int[] Integers(SafetensorsFile file, string name)
    {
        SafetensorsTensor tensor = file.GetTensor(name);
        byte[] bytes = new byte[tensor.ByteLength];
        file.ReadBytes(tensor, 0, bytes);
        int[] values = new int[tensor.ElementCount];
        for (int i = 0; i < values.Length; i++) values[i] = BitConverter.ToInt32(bytes, 4 * i);
        return values;
    }

    private static float[] Singles(SafetensorsFile file, string name)
    {
        SafetensorsTensor tensor = file.GetTensor(name);
        float[] values = new float[tensor.ElementCount];
        file.ReadSingles(tensor, 0, values);
        return values;
    }
}
