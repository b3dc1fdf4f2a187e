using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using AhnSharp.Attention;
using AhnSharp.Checks;
using AhnSharp.Cpu;
using AhnSharp.Gguf;
using AhnSharp.Network;
using AhnSharp.Sessions;
using AhnSharp.Tokenizer;
using AhnSharp.Training;
using Xunit;

namespace AhnSharp.Tests.Training;

/// <summary>Whole runs on the tiny golden base, whose texts repeat themselves far behind the window.</summary>
public sealed class MemoryTrainingTests : IDisposable
{
    private static readonly TrainingOptions s_options =
        new() { Steps = 20, Batch = 1, Length = 128, LearningRate = 5e-3, Every = 10, HeldOutTexts = 2, Seed = 5 };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(HippocampusKind.DeltaNet)]
    [InlineData(HippocampusKind.GatedDeltaNet)]
    [InlineData(HippocampusKind.Mamba2)]
    public void Twenty_steps_lower_the_divergence_of_texts_that_were_held_out(HippocampusKind kind)
    {
        using FrozenBase frozen = Base();
        MemoryTraining training = New(frozen, kind);
        training.Run();
        Assert.Equal([0, 10, 20], training.Points.Select(point => point.Step));
        Assert.True(
            training.BestPoint!.Value.HeldOutKl < 0.97 * training.Points[0].HeldOutKl, string.Join(", ", training.Points));
        Assert.True(training.BestPoint.Value.HeldOutKl < 0.97 * training.WindowKl, $"window alone {training.WindowKl}");
    }

    // 80 texts: in a run of 400 of them the first 80 made good 47 %.
    [LongFact]
    public void Some_minutes_of_training_make_good_a_third_of_what_the_window_loses()
    {
        string path = _folder.PathOf("base.gguf");
        DemoBase.Write(path, DemoQ8.Path);
        using FrozenBase frozen = FrozenBase.Load(path, 2);
        TrainingOptions options = new()
        {
            Steps = 20,
            Batch = 4,
            Length = 1024,
            LearningRate = 2e-3,
            Recall = 0.5,
            HoldOut = 0.1,
            Every = 20,
            HeldOutTexts = 8,
        };
        string book = File.ReadAllText(Path.Combine(Fixture.Repository, "gguf", "dracula.txt"));
        MemoryTraining training = new(
            frozen, MemoryRule.Of(HippocampusKind.DeltaNet),
            TrainingTexts.Of(QwenTokenizer.FromGguf(frozen.File.Metadata), [("dracula.txt", book)], options), options);
        training.Run();
        Assert.True(
            training.BestPoint!.Value.HeldOutKl < 0.67 * training.WindowKl, $"{training.WindowKl}: {string.Join(", ", training.Points)}");
    }

    [Fact]
    public void A_run_that_was_stopped_goes_on_to_the_same_bits()
    {
        using FrozenBase frozen = Base(), other = Base(threads: 1);
        MemoryTraining whole = New(frozen, HippocampusKind.GatedDeltaNet), stopped = New(frozen, HippocampusKind.GatedDeltaNet),
            resumed = New(other, HippocampusKind.GatedDeltaNet);
        whole.Run();

        using CancellationTokenSource stop = new();
        Assert.Throws<OperationCanceledException>(() => stopped.Run(progress =>
        {
            if (progress.Step == 13) stop.Cancel();
        }, cancellation: stop.Token));
        Assert.Equal(13, stopped.Step);
        string path = _folder.PathOf("run.checkpoint");
        using (FileStream file = File.Create(path)) TrainingCheckpoint.Write(file, stopped);
        TrainingCheckpoint.Read(path, resumed);
        resumed.Run();

        Assert.Equal(whole.Parameters.Values, resumed.Parameters.Values);
        Assert.Equal(whole.Best.Values, resumed.Best.Values);
        Assert.Equal(whole.Points, resumed.Points);
    }

    [Fact]
    public void A_checkpoint_of_another_run_is_refused_by_what_differs()
    {
        using FrozenBase frozen = Base();
        string path = _folder.PathOf("run.checkpoint");
        MemoryTraining training = New(frozen, HippocampusKind.DeltaNet);
        training.Run(onMeasured: (point, _) =>
        {
            if (point.Step != 0) return;
            using FileStream file = File.Create(path);
            TrainingCheckpoint.Write(file, training);
        });
        Refused("expected a run with seed 6, found one with seed 5", New(frozen, HippocampusKind.DeltaNet, s_options with { Seed = 6 }));
        Refused("the memory Mamba2, found one with the memory DeltaNet", New(frozen, HippocampusKind.Mamba2));
        InvalidModelException wrong = Assert.Throws<InvalidModelException>(
            () => TrainingCheckpoint.Read(Path.Combine(GoldenModel.Folder, "base.gguf"), training));
        Assert.Contains("expected a checkpoint of 'ahn train'", wrong.Message, StringComparison.Ordinal);

        void Refused(string sentence, MemoryTraining other) => Assert.Contains(
            sentence, Assert.Throws<InvalidModelException>(() => TrainingCheckpoint.Read(path, other)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HippocampusKind.DeltaNet)]
    [InlineData(HippocampusKind.GatedDeltaNet)]
    [InlineData(HippocampusKind.Mamba2)]
    public void The_adapter_that_is_written_runs_as_it_was_trained(HippocampusKind kind)
    {
        using FrozenBase frozen = Base();
        MemoryParameters parameters = new(frozen.Config, MemoryRule.Of(kind));
        MemoryStart.Fill(parameters, 3);
        // In halves, as the file has its matrices, so that nothing is rounded away.
        for (int i = 0; i < parameters.Values.Length; i++) parameters.Values[i] = (float)(Half)(5 * parameters.Values[i]);
        string path = _folder.PathOf("adapter.gguf");
        using (FileStream file = File.Create(path))
        {
            AdapterFile.Write(file, frozen, parameters, 24, 8, new TrainingRecord
            {
                Name = "adapter",
                Version = "ahn test",
                Texts = [("book.txt", "00ff")],
                Options = s_options,
                Step = 7,
                HeldOutKl = 0.5,
                WindowKl = 0.7,
            });
        }
        Assert.Equal(parameters.Values, AdapterFile.Read(path, frozen).Values);

        using CpuModel model = CpuModel.Load(Path.Combine(GoldenModel.Folder, "base.gguf"), path);
        Assert.Equal((24, 8, frozen.Fingerprint), (model.Config.Ahn!.Window, model.Config.Ahn.Sinks, model.Config.Ahn.Fingerprint));
        using (GgufFile written = GgufFile.Open(path))
        {
            Assert.Equal(["book.txt"], written.Metadata.GetStringArray("ahn.training.texts"));
            Assert.Equal(["00ff"], written.Metadata.GetStringArray("ahn.training.texts_sha256"));
            Assert.Equal((7u, 0.5f),
                (written.Metadata.GetUInt32("ahn.training.step"), written.Metadata.GetSingle("ahn.training.held_out_kl")));
        }

        // The engine's own sessions diverge from full attention as much as the trainer says.
        int[] ids = [.. GoldenModel.Ids.Take(160)];
        var sequence = new TrainingSequence(ids, 24, 8);
        var distillation = new Distillation(frozen, parameters.Rule);
        distillation.Run(sequence, parameters);
        double[][] full = Logits(model, ids, MemoryMode.Full), ahn = Logits(model, ids, MemoryMode.Ahn);
        for (int t = sequence.First; t < ids.Length; t++)
        {
            double kl = full[t].Zip(ahn[t], (p, q) => Math.Exp(p) * (p - q)).Sum();
            Assert.Equal(kl, distillation.Divergences[t - sequence.First], 1e-4);
        }
    }

    private static double[][] Logits(CpuModel model, int[] ids, MemoryMode mode)
    {
        using LanguageSession session = model.CreateSession(
            new SessionOptions { Mode = mode, Window = 24, Sinks = 8, Kv = KvType.F32 });
        double[][] rows = new double[ids.Length][];
        model.Forward(session, ids, (row, logits) =>
        {
            double[] values = [.. logits.ToArray().Select(x => (double)x)];
            double most = values.Max(), sum = Math.Log(values.Sum(x => Math.Exp(x - most)));
            rows[row] = [.. values.Select(x => x - most - sum)];
        });
        return rows;
    }

    private static FrozenBase Base(int threads = 2) => FrozenBase.Load(Path.Combine(GoldenModel.Folder, "base.gguf"), threads);

    private static MemoryTraining New(FrozenBase frozen, HippocampusKind kind, TrainingOptions? options = null) =>
        new(frozen, MemoryRule.Of(kind),
            new TrainingTexts(new TrainingStream(Text(8)), new TrainingStream(Text(2)), options ?? s_options), options ?? s_options);

    // Stretches of the golden text, in which what came before comes again.
    private static int[] Text(int times) => [.. Enumerable.Range(0, times).SelectMany(_ => (IEnumerable<int>)GoldenModel.Ids)];
}
