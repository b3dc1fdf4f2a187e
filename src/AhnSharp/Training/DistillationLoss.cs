using System;
using System.Numerics.Tensors;
using AhnSharp.Kernels;

namespace AhnSharp.Training;

/// <summary>
/// KL(teacher ‖ student) of one position, and what it gains by each of the student's logits: weight·(p_student − p_teacher).
/// </summary>
internal static class DistillationLoss
{
    private const int Piece = 1024;

    /// <summary>Σ p_t (log p_t − log p_s); the logits are overwritten: the student's by its gradient.</summary>
    /// <param name="teacher">[vocabulary] logits.</param>
    /// <param name="student">[vocabulary] logits; becomes the gradient.</param>
    /// <param name="weight">On the gradient alone.</param>
    public static double Row(Span<float> teacher, Span<float> student, float weight)
    {
        Normalize(teacher);
        Normalize(student);
        Span<float> p = stackalloc float[Piece], other = stackalloc float[Piece];
        double kl = 0;
        for (int from = 0; from < teacher.Length; from += Piece)
        {
            int count = Math.Min(Piece, teacher.Length - from);
            Span<float> logTeacher = teacher.Slice(from, count), logStudent = student.Slice(from, count), pTeacher = p[..count],
                rest = other[..count];
            logTeacher.CopyTo(pTeacher);
            Exponential.InPlace(pTeacher);
            TensorPrimitives.Subtract(logTeacher, logStudent, rest);
            kl += TensorPrimitives.Dot<float>(pTeacher, rest);
            Exponential.InPlace(logStudent);
            TensorPrimitives.Subtract(logStudent, pTeacher, logStudent);
            TensorPrimitives.Multiply(logStudent, weight, logStudent);
        }
        return kl;
    }

    // Logits become log-probabilities; the sum of a vocabulary is taken in double over pieces.
    private static void Normalize(Span<float> logits)
    {
        Span<float> piece = stackalloc float[Piece];
        float most = TensorPrimitives.Max<float>(logits);
        double sum = 0;
        for (int from = 0; from < logits.Length; from += Piece)
        {
            Span<float> values = piece[..Math.Min(Piece, logits.Length - from)];
            TensorPrimitives.Subtract(logits.Slice(from, values.Length), most, values);
            Exponential.InPlace(values);
            sum += TensorPrimitives.Sum<float>(values);
        }
        TensorPrimitives.Subtract(logits, most, logits);
        TensorPrimitives.Subtract(logits, (float)Math.Log(sum), logits);
    }
}
