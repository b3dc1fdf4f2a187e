using System;
using AhnSharp.Gpu.Portable;
using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Training;

/// <summary>
/// KL(teacher ‖ student) of rows of logits, and its gradient. The definition is <c>DistillationLoss</c> of the processor's.
/// </summary>
internal sealed class DivergenceRows(Accelerator accelerator, int groupSize)
{
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, int> _run =
        accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, int>(Row);

    /// <summary>Runs it.</summary>
    /// <param name="teacher">[rows, vocabulary] logits.</param>
    /// <param name="student">[rows, vocabulary] logits, which become weight · (p_student − p_teacher).</param>
    /// <param name="weights">[rows], on the gradient alone.</param>
    /// <param name="kl">[rows], nats.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="vocabulary">Columns.</param>
    public void Run(
        ArrayView<float> teacher, ArrayView<float> student, ArrayView<float> weights, ArrayView<float> kl, int rows, int vocabulary) =>
        _run(new KernelConfig(rows, groupSize), teacher, student, weights, kl, vocabulary);

    private static void Row(ArrayView<float> teacher, ArrayView<float> student, ArrayView<float> weights, ArrayView<float> kl, int count)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(GroupSum.MaxThreads);
        long from = (long)Grid.IdxX * count;
        float mostOfTeacher = float.NegativeInfinity, mostOfStudent = float.NegativeInfinity;
        for (int i = Group.IdxX; i < count; i += Group.DimX)
        {
            mostOfTeacher = XMath.Max(mostOfTeacher, teacher[from + i]);
            mostOfStudent = XMath.Max(mostOfStudent, student[from + i]);
        }
        mostOfTeacher = GroupSum.Largest(shared, mostOfTeacher);
        mostOfStudent = GroupSum.Largest(shared, mostOfStudent);
        float ofTeacher = 0, ofStudent = 0;
        for (int i = Group.IdxX; i < count; i += Group.DimX)
        {
            ofTeacher += XMath.Exp(teacher[from + i] - mostOfTeacher);
            ofStudent += XMath.Exp(student[from + i] - mostOfStudent);
        }
        ofTeacher = mostOfTeacher + XMath.Log(GroupSum.Of(shared, ofTeacher));
        ofStudent = mostOfStudent + XMath.Log(GroupSum.Of(shared, ofStudent));
        float weight = weights[Grid.IdxX], sum = 0;
        for (int i = Group.IdxX; i < count; i += Group.DimX)
        {
            float logTeacher = teacher[from + i] - ofTeacher, logStudent = student[from + i] - ofStudent, p = XMath.Exp(logTeacher);
            sum += p * (logTeacher - logStudent);
            student[from + i] = weight * (XMath.Exp(logStudent) - p);
        }
        sum = GroupSum.Of(shared, sum);
        if (Group.IdxX == 0) kl[Grid.IdxX] = sum;
    }
}
