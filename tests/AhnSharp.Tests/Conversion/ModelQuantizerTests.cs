using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using AhnSharp.Conversion;
using AhnSharp.Cpu;
using AhnSharp.Gguf;
using AhnSharp.Network;
using AhnSharp.Sessions;
using Xunit;

namespace AhnSharp.Tests.Conversion;

public sealed class ModelQuantizerTests
{
    // Rows of 256 and 512: every type fits.
    private static readonly TinyModel Whole =
        new() { Hidden = 256, Heads = 4, KvHeads = 2, HeadDim = 64, Ffn = 512, Layers = 9, Kind = HippocampusKind.GatedDeltaNet };

    /// <summary>
    /// The size of the change of the logits beside their own, of a random network of 2 layers; the bounds are 1.25 × what was measured.
    /// </summary>
    [Theory]
    [InlineData("f32", 0)]
    [InlineData("f16", 0.002)]
    [InlineData("bf16", 0.011)]
    [InlineData("q8_0", 0.04)]
    [InlineData("q6_k", 0.105)]
    [InlineData("q5_k_m", 0.19)]
    [InlineData("q5_k_s", 0.19)]
    [InlineData("q5_1", 0.19)]
    [InlineData("q5_0", 0.20)]
    [InlineData("q4_k_m", 0.33)]
    [InlineData("q4_k_s", 0.33)]
    [InlineData("q4_1", 0.33)]
    [InlineData("q4_0", 0.39)]
    public void Every_mixture_opens_and_speaks_like_the_original(string type, double bound)
    {
        using TemporaryFolder folder = new();
        string input = Write(folder, Whole with { Layers = 2 }, calm: true), output = folder.PathOf("out.gguf");
        QuantizationReport report = ModelQuantizer.Quantize(Options(input, output, type));
        float[] expected = Logits(input), found = Logits(output);
        double error = Math.Sqrt(expected.Zip(found, (a, b) => ((double)a - b) * ((double)a - b)).Sum() / expected.Sum(a => (double)a * a));
        Assert.True(error <= bound, $"{type}: the logits differ by {error:0.0000} of their size");

        using GgufFile before = GgufFile.Open(input), after = GgufFile.Open(output);
        QuantizationMixture mixture = QuantizationMixture.Get(type);
        Assert.Equal((uint)mixture.FileType, after.Metadata.GetUInt32("general.file_type"));
        Assert.Equal(2u, after.Metadata.GetUInt32("general.quantization_version"));
        Assert.Equal(before.Metadata.Keys, after.Metadata.Keys.SkipLast(2));
        foreach (string key in before.Metadata.Keys) Assert.Equal(before.Metadata[key], after.Metadata[key]);
        Assert.Equal(before.Tensors.Select(tensor => tensor.Name), after.Tensors.Select(tensor => tensor.Name));
        Assert.Equal(report.Plan.Tensors.Select(tensor => (tensor.Choice.Type, tensor.Bytes)), after.Tensors.Select(
            tensor => (tensor.Type, tensor.ByteLength)));
        Assert.Equal(new FileInfo(output).Length, report.FileBytesAfter);
        Assert.Empty(report.Plan.Notes);
        foreach (GgufTensor tensor in after.Tensors.Where(tensor => tensor.Shape.Length == 1))
            Assert.Equal(before.Values(tensor.Name), after.Values(tensor.Name));
        GgmlType memory = mixture.IsQuantized ? GgmlType.F16 : mixture.Type;
        Assert.All(after.Tensors.Where(tensor => tensor.Name.Contains(".ahn_", StringComparison.Ordinal) && tensor.Shape.Length > 1),
            tensor => Assert.Equal(memory, tensor.Type));
    }

    [Fact]
    public void The_file_does_not_depend_on_the_number_of_threads()
    {
        using TemporaryFolder folder = new();
        // 6.3 million weights: several pieces a tensor.
        string input = Write(folder, Whole with { Layers = 1, Vocabulary = 20480, Tied = false });
        int[] teams = [1, 2, 5];
        byte[][] files = [.. teams.Select(threads =>
        {
            ModelQuantizer.Quantize(Options(input, folder.PathOf($"{threads}.gguf"), "q4_k_m") with { Threads = threads });
            return File.ReadAllBytes(folder.PathOf($"{threads}.gguf"));
        })];
        Assert.All(files, file => Assert.True(files[0].AsSpan().SequenceEqual(file)));
    }

    [Fact]
    public void Converting_and_quantizing_end_at_the_same_weights()
    {
        using TemporaryFolder folder = new();
        TinyFolder model = TinyFolder.Base(folder).Write(), memory = TinyFolder.Ahn(folder, "mamba2").Write();
        (_, string whole) = ModelConverterTests.Convert(folder, new()
        {
            BaseFolder = model.Path,
            AhnFolder = memory.Path,
            Output = "",
            Mixture = QuantizationMixture.Get("f32"),
        }, folder.PathOf("f32.gguf"));
        (ConversionReport report, string direct) = ModelConverterTests.Convert(
            folder, new() { BaseFolder = model.Path, AhnFolder = memory.Path, Output = "", Mixture = QuantizationMixture.Get("q5_k_m") });
        QuantizationReport quantized = ModelQuantizer.Quantize(Options(whole, folder.PathOf("q.gguf"), "q5_k_m"));
        using GgufFile expected = GgufFile.Open(direct), found = GgufFile.Open(folder.PathOf("q.gguf"));
        foreach (GgufTensor tensor in expected.Tensors)
        {
            Assert.Equal(tensor.TypeAndShape, found.GetTensor(tensor.Name).TypeAndShape);
            Assert.Equal(expected.Values(tensor.Name), found.Values(tensor.Name));
        }
        // Rows of 32 and 64: everything falls back, and is named once a kind.
        Assert.Equal(report.Notes.Where(note => note.StartsWith("Rows of", StringComparison.Ordinal)), quantized.Plan.Notes);
        Assert.Contains(report.Notes, note => note.StartsWith("Rows of 32 weights are no multiple of 256: ", StringComparison.Ordinal)
            && note.Contains("blk.*.attn_q.weight", StringComparison.Ordinal) && note.EndsWith(
                "written as Q5_1 instead of Q5_K.", StringComparison.Ordinal));
        Assert.Contains(report.Notes, note => note.Contains("token_embd.weight", StringComparison.Ordinal)
            && note.EndsWith("written as Q8_0 instead of Q6_K.", StringComparison.Ordinal));
    }

    [Fact]
    public void Tensors_that_keep_their_type_keep_their_bytes()
    {
        using TemporaryFolder folder = new();
        string input = Write(folder, Whole), first = folder.PathOf("a.gguf"), again = folder.PathOf("b.gguf");
        foreach (string type in new[] { "q8_0", "q4_k_m", "bf16" })
        {
            ModelQuantizer.Quantize(Options(input, first, type));
            QuantizationReport report = ModelQuantizer.Quantize(Options(first, again, type));
            Assert.All(report.Plan.Tensors, tensor => Assert.True(tensor.IsCopy));
            Assert.True(File.ReadAllBytes(first).AsSpan().SequenceEqual(File.ReadAllBytes(again)));
        }
    }

    [Fact]
    public void What_is_coarse_already_is_quantized_again_only_on_demand()
    {
        using TemporaryFolder folder = new();
        string input = Write(folder, Whole), coarse = folder.PathOf("a.gguf"), output = folder.PathOf("b.gguf");
        ModelQuantizer.Quantize(Options(input, coarse, "q5_0"));
        Refuses(Options(coarse, output, "q4_0"), "blk.0.attn_q.weight is Q5_0 already", "--requantize");
        Refuses(Options(coarse, output, "f32"), "token_embd.weight is Q6_K already", "--requantize");
        ModelQuantizer.Quantize(Options(coarse, output, "q4_0") with { Requantize = true });
        using CpuModel model = CpuModel.Load(output);

        // Q8_0 is near enough to the original to start from; its memory, Q8_0 too here, stays as it is.
        string memory = Write(folder, Whole, memoryType: GgmlType.Q8_0);
        ModelQuantizer.Quantize(Options(memory, output, "q4_k_s"));
        using GgufFile file = GgufFile.Open(output);
        Assert.Equal(GgmlType.Q8_0, file.GetTensor("blk.0.ahn_out.weight").Type);
        Assert.Equal(GgmlType.Q4_K, file.GetTensor("blk.0.ffn_up.weight").Type);
    }

    [Fact]
    public void A_split_model_becomes_one_file()
    {
        using TemporaryFolder folder = new();
        string whole = Write(folder, Whole), output = folder.PathOf("out.gguf"), expected = folder.PathOf("expected.gguf");
        using (GgufFile file = GgufFile.Open(whole))
        {
            for (int part = 0; part < 3; part++)
            {
                GgufWriter writer = new(alignment: 64);
                if (part == 0) foreach ((string key, object value) in file.Metadata) writer.AddValue(key, value);
                writer.AddValue("split.no", (ushort)part);
                writer.AddValue("split.count", (ushort)3);
                writer.AddValue("split.tensors.count", file.Tensors.Count);
                int from = file.Tensors.Count * part / 3, to = file.Tensors.Count * (part + 1) / 3;
                foreach (GgufTensor tensor in file.Tensors.Take(to).Skip(from))
                    writer.AddTensor(tensor.Name, tensor.Type, tensor.Shape, stream => stream.Write(Bytes(file, tensor)));
                writer.Write(folder.PathOf($"m-{part + 1:D5}-of-00003.gguf"));
            }
        }
        string second = folder.PathOf("m-00002-of-00003.gguf");
        ModelQuantizer.Quantize(Options(second, output, "q6_k"));
        ModelQuantizer.Quantize(Options(whole, expected, "q6_k"));
        Assert.True(File.ReadAllBytes(expected).AsSpan().SequenceEqual(File.ReadAllBytes(output)));
        Keeps(Options(second, folder.PathOf("m-00003-of-00003.gguf"), "q6_k"));
    }

    [Fact]
    public void An_adapter_stays_precise()
    {
        using TemporaryFolder folder = new();
        TinyFolder memory = TinyFolder.Ahn(folder, "deltanet").Write(), model = TinyFolder.Base(folder).Write();
        (_, string adapter) = ModelConverterTests.Convert(
            folder, new() { AhnFolder = memory.Path, Output = "", FingerprintFrom = model.Path, Mixture = QuantizationMixture.Get("f32") },
            folder.PathOf("ahn.gguf"));
        string output = folder.PathOf("out.gguf");
        Refuses(Options(adapter, output, "q8_0"), "a memory without its base model", "f32, f16 or bf16");
        ModelQuantizer.Quantize(Options(adapter, output, "bf16"));
        using GgufFile before = GgufFile.Open(adapter), after = GgufFile.Open(output);
        foreach (string key in before.Metadata.Keys.Where(key => key != "general.file_type"))
            Assert.Equal(before.Metadata[key], after.Metadata[key]);
        Assert.All(after.Tensors, tensor => Assert.Equal(tensor.Shape.Length == 1 ? GgmlType.F32 : GgmlType.BF16, tensor.Type));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void Weights_that_are_no_numbers_are_refused_with_their_place(float bad)
    {
        using TemporaryFolder folder = new();
        foreach ((string tensor, int row, int column) in new[] { ("blk.3.ffn_down.weight", 17, 300), ("blk.2.attn_norm.weight", 0, 41) })
        {
            string input = Write(folder, Whole, bend: (name, values) =>
            {
                if (name == tensor) values[row * 512 + column] = bad;
            });
            foreach (string type in new[] { "q4_k_m", "f32" })
            {
                Refuses(Options(input, folder.PathOf("out.gguf"), type),
                    $"{tensor}: expected finite weights, found {bad} in row {row}, column {column}");
            }
        }
    }

    [Fact]
    public void Weights_that_do_not_fit_the_type_are_refused_with_their_place()
    {
        using TemporaryFolder folder = new();
        string input = Write(folder, Whole, bend: (name, values) =>
        {
            if (name == "blk.1.attn_q.weight") values[2 * 256 + 5] = -1e9f;
        });
        Refuses(Options(input, folder.PathOf("out.gguf"), "q4_0"),
            "blk.1.attn_q.weight: the weight -1E+09 in row 2, column 5 does not fit Q4_0", "bf16 or f32");
        ModelQuantizer.Quantize(Options(input, folder.PathOf("out.gguf"), "bf16"));
    }

    [Fact]
    public void Files_that_the_engine_would_not_load_are_refused_before_anything_is_written()
    {
        using TemporaryFolder folder = new();
        string output = folder.PathOf("out.gguf"), input = Write(folder, Whole);
        byte[] bytes = File.ReadAllBytes(input);
        Assert.Throws<FileNotFoundException>(() => ModelQuantizer.Quantize(Options(folder.PathOf("nothing.gguf"), output, "q8_0")));
        Refuses(Options(Write(folder, Whole, without: "blk.4.attn_k.bias"), output, "q8_0"), "blk.4.attn_k.bias");
        Refuses(Options(Write(folder, Whole, rename: ("blk.4.ahn_a_log", "blk.4.other")), output, "q8_0"), "blk.4.ahn_a_log");
        Refuses(Options(Write(folder, Whole, rename: ("output_norm.weight", "rope_freqs.weight")), output, "q8_0"), "output_norm.weight");
        Refuses(Options(Write(folder, Whole, architecture: "llama"), output, "q8_0"), "qwen2", "llama");
        File.WriteAllBytes(input, bytes);
        string cut = folder.PathOf("cut.gguf");
        foreach (int length in new[] { 0, 3, 40, 3000, bytes.Length / 2, bytes.Length - 33 })
        {
            File.WriteAllBytes(cut, bytes[..length]);
            Refuses(Options(cut, output, "q8_0"), "cut.gguf");
        }
        Keeps(Options(input, input, "q8_0"));
        Keeps(Options(input, Path.Combine(folder.Path, ".", "in.gguf"), "q8_0"));
        string link = folder.PathOf("link.gguf");
        File.CreateSymbolicLink(link, input);
        Keeps(Options(link, input, "q8_0"));
        Keeps(Options(input, link, "q8_0"));
        Assert.Throws<ArgumentException>(() => ModelQuantizer.Quantize(Options(input, output, "q2_k")));
    }

    [Fact]
    public void A_cancelled_quantization_leaves_nothing()
    {
        using TemporaryFolder folder = new();
        string input = Write(folder, Whole with { Layers = 1, Vocabulary = 20480 });
        using CancellationTokenSource source = new();
        Recorder progress = new(_ => source.Cancel());
        Assert.ThrowsAny<OperationCanceledException>(
            () => ModelQuantizer.Quantize(Options(input, folder.PathOf("out.gguf"), "q4_k_m"), null, progress, source.Token));
        Assert.Equal(["in.gguf"], Directory.EnumerateFiles(folder.Path).Select(Path.GetFileName));
    }

    private static QuantizationOptions Options(string input, string output, string type) =>
        new() { Input = input, Output = output, Overwrite = true, Mixture = QuantizationMixture.Get(type) };

    private static string Write(
        TemporaryFolder folder, TinyModel model, Action<string, float[]>? bend = null, string? without = null,
        (string From, string To)? rename = null, string? architecture = null, GgmlType? memoryType = null, bool calm = false)
    {
        string original = folder.PathOf("original.gguf"), path = folder.PathOf("in.gguf");
        model.Write(original);
        using (GgufFile file = GgufFile.Open(original))
        {
            GgufWriter writer = new();
            foreach ((string key, object value) in file.Metadata)
                writer.AddValue(key, key == "general.architecture" && architecture is not null ? architecture : value);
            foreach (GgufTensor tensor in file.Tensors.Where(tensor => tensor.Name != without))
            {
                float[] values = file.Values(tensor.Name);
                bend?.Invoke(tensor.Name, values);
                if (calm && tensor.Shape.Length > 1) Calm(tensor, values, model.Layers);
                GgmlType type = memoryType is { } given && tensor.Shape.Length > 1
                    && tensor.Name.Contains(".ahn_", StringComparison.Ordinal) ? given : tensor.Type;
                byte[] bytes = new byte[type.RowBytes(values.Length)];
                AhnSharp.Quants.Quantization.Quantize(type, values, bytes);
                writer.AddTensor(
                    tensor.Name == rename?.From ? rename.Value.To : tensor.Name, type, tensor.Shape, stream => stream.Write(bytes));
            }
            writer.Write(path);
        }
        File.Delete(original);
        return path;
    }

    // Rows of unit length keep unit inputs at unit outputs, as in a trained network; TinyModel's own weights drown every
    // input in noise after some layers.
    private static void Calm(GgufTensor tensor, float[] values, int layers)
    {
        double size = Math.Sqrt(values.Average(x => (double)x * x) * tensor.RowLength);
        if (tensor.Name.Contains("attn_output", StringComparison.Ordinal) || tensor.Name.Contains("ffn_down", StringComparison.Ordinal))
            size *= Math.Sqrt(2 * layers);
        for (int i = 0; i < values.Length; i++) values[i] /= (float)size;
    }

    private static float[] Logits(string path)
    {
        using CpuModel model = CpuModel.Load(path);
        using LanguageSession session = model.CreateSession(new SessionOptions { Window = 24, Sinks = 4, Mode = MemoryMode.Ahn });
        List<float> logits = [];
        for (int i = 0; i < 64; i++)
        {
            model.Forward(session, [i * 37 % 128]);
            logits.AddRange(session.LastLogits);
        }
        return [.. logits];
    }

    private static byte[] Bytes(GgufFile file, GgufTensor tensor)
    {
        byte[] bytes = new byte[tensor.ByteLength];
        file.Read(tensor, 0, bytes);
        return bytes;
    }

    // What is read is never written over, not even where somebody says that the output may be replaced.
    private static void Keeps(QuantizationOptions options)
    {
        byte[] before = File.ReadAllBytes(options.Input);
        foreach (bool overwrite in new[] { false, true })
        {
            string message = Assert.Throws<IOException>(() => ModelQuantizer.Quantize(options with { Overwrite = overwrite })).Message;
            Assert.Contains("expected another file to write", message, StringComparison.Ordinal);
        }
        Assert.Equal(before, File.ReadAllBytes(options.Input));
    }

    private static void Refuses(QuantizationOptions options, params string[] mentions)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(options.Output))!;
        string[] before = Directory.GetFiles(folder);
        string message = Assert.Throws<InvalidModelException>(() => ModelQuantizer.Quantize(options)).Message;
        foreach (string mention in mentions) Assert.Contains(mention, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        Assert.Equal(before.Order(), Directory.GetFiles(folder).Order());
    }

    private sealed class Recorder(Action<(long Done, long Total)> heard) : IProgress<(long Done, long Total)>
    {
        public void Report((long Done, long Total) value) => heard(value);
    }
}
