using System;
using System.IO;
using System.Linq;
using AhnSharp.Attention;
using AhnSharp.Cpu;
using AhnSharp.Network;
using AhnSharp.Planning;
using AhnSharp.Sessions;
using Xunit;

namespace AhnSharp.Tests.Model;

public class ModelPlanTests
{
    [Theory]
    [InlineData(null, true)]
    [InlineData(null, false)]
    [InlineData(HippocampusKind.DeltaNet, false)]
    [InlineData(HippocampusKind.GatedDeltaNet, true)]
    [InlineData(HippocampusKind.Mamba2, true)]
    [InlineData(null, false, true)]
    [InlineData(HippocampusKind.GatedDeltaNet, true, true)]
    public void Counts_the_weights_that_loading_takes(HippocampusKind? kind, bool tied, bool headNorms = false)
    {
        string path = Path.Combine(Path.GetTempPath(), $"ahn-plan-{Guid.NewGuid():N}.gguf");
        new TinyModel
        {
            Kind = kind,
            Tied = tied,
            HeadNorms = headNorms,
            Layers = 3,
            FullAttentionLayers = kind is null ? [] : [1],
        }.Write(path);
        try
        {
            ModelOptions options = new() { Threads = 2, ChunkTokens = 32 };
            ModelPlan plan = ModelPlan.Read(path, null, options);
            using CpuModel model = CpuModel.Load(path, null, options);
            Assert.Equal(model.WeightBytes, plan.WeightBytes);
            Assert.Equal(new FileInfo(path).Length, plan.FileBytes);
            using LanguageSession session = model.CreateSession();
            Assert.Equal(session.Plan.Bytes(100), plan.Session().Bytes(100));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Counts_the_demo_model()
    {
        string path = Path.Combine(Fixture.Repository, "gguf", "ahn-demo-q8_0.gguf");
        ModelPlan plan = ModelPlan.Read(path);
        using CpuModel model = CpuModel.Load(path);
        Assert.Equal(model.WeightBytes, plan.WeightBytes);
        using LanguageSession session = model.CreateSession();
        model.Forward(session, [.. Enumerable.Range(0, 700).Select(i => i % 300)]);
        // The scratch is what stays allocated: at most what was planned, and not a multiple of it.
        Assert.InRange(model.ScratchBytes, plan.ScratchBytes / 2, plan.ScratchBytes);
    }

    [Fact]
    public void Chooses_the_trained_window_then_smaller_entries_then_a_smaller_window()
    {
        ModelPlan plan = ModelPlan.Read(Path.Combine(Fixture.Repository, "gguf", "ahn-demo-q8_0.gguf"));
        int trained = plan.Config.Ahn!.Window;
        WindowChoice roomy = WindowChoice.For(plan, null, null, 10L << 30);
        Assert.True(roomy.Fits);
        Assert.Equal((MemoryMode.Ahn, trained, KvType.F16), (roomy.Options.Mode, roomy.Options.Window, roomy.Options.Kv));

        long f16 = Needed(KvType.F16, trained), q8 = Needed(KvType.Q8_0, trained), small = Needed(KvType.Q8_0, 256);
        WindowChoice tight = WindowChoice.For(plan, null, null, Free((f16 + q8) / 2));
        Assert.True(tight.Fits);
        Assert.Equal((trained, KvType.Q8_0), (tight.Options.Window, tight.Options.Kv));

        WindowChoice tighter = WindowChoice.For(plan, null, null, Free((q8 + small) / 2));
        Assert.True(tighter.Fits);
        Assert.Equal((256, KvType.Q8_0), (tighter.Options.Window, tighter.Options.Kv));

        WindowChoice given = WindowChoice.For(plan, null, KvType.F16, Free((f16 + Needed(KvType.F16, 256)) / 2));
        Assert.True(given.Fits);
        Assert.Equal((256, KvType.F16), (given.Options.Window, given.Options.Kv));

        Assert.False(WindowChoice.For(plan, null, null, Free(small - 100_000)).Fits);

        long Needed(KvType kv, int window)
        {
            SessionPlan session = plan.Session(new SessionOptions { Kv = kv, Window = window });
            return plan.MaxBytes(session);
        }

        static long Free(long needed) => (long)(needed / WindowChoice.UsableShare) + 1;
    }

    [Fact]
    public void Without_a_memory_the_longest_context_is_chosen()
    {
        string path = Path.Combine(Path.GetTempPath(), $"ahn-plan-{Guid.NewGuid():N}.gguf");
        new TinyModel().Write(path);
        try
        {
            ModelPlan plan = ModelPlan.Read(path);
            WindowChoice whole = WindowChoice.For(plan, null, KvType.F32, 10L << 30);
            Assert.Equal((MemoryMode.Full, plan.Config.ContextLength), (whole.Options.Mode, whole.Options.ContextTokens));
            Assert.True(whole.Fits);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
