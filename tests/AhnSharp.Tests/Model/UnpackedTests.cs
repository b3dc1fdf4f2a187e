using System;
using System.Linq;
using AhnSharp.Cpu;
using AhnSharp.Planning;
using AhnSharp.Sessions;
using Xunit;

namespace AhnSharp.Tests.Model;

/// <summary>Matrices left in the mapped file give what packed ones give.</summary>
public sealed class UnpackedTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Logits_are_those_of_packed_matrices_within_the_rounding_of_activations(bool mapped)
    {
        int[] ids = [.. Enumerable.Range(0, 24).Select(i => 300 + 37 * i)];
        float[] packed = Logits(new ModelOptions { Threads = 2 }),
            unpacked = Logits(new ModelOptions { Threads = 2, Repack = false, MemoryMap = mapped });
        double difference = 0, length = 0;
        for (int i = 0; i < packed.Length; i++)
        {
            difference += Math.Pow(packed[i] - unpacked[i], 2);
            length += Math.Pow(packed[i], 2);
        }
        // Packed Q8_0 multiplies activations of 8 bits, the rows of the file those of 32.
        Assert.InRange(Math.Sqrt(difference / length), 0, 0.03);

        float[] Logits(ModelOptions options)
        {
            using CpuModel model = CpuModel.Load(DemoQ8.Path, null, options);
            using LanguageSession session = model.CreateSession();
            model.Forward(session, ids);
            return [.. session.LastLogits];
        }
    }

    [Fact]
    public void A_plan_counts_the_bytes_of_the_file()
    {
        ModelOptions options = new() { Repack = false };
        using CpuModel model = CpuModel.Load(DemoQ8.Path, null, options);
        Assert.Equal(model.WeightBytes, ModelPlan.Read(DemoQ8.Path, null, options).WeightBytes);
    }
}
