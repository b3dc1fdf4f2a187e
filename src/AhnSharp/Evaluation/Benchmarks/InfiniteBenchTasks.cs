using System.Collections.Generic;

namespace AhnSharp.Evaluation.Benchmarks;

/// <summary>
/// The prompts of InfiniteBench for open models and the longest answers, word for word: another prompt would be another benchmark.
/// </summary>
/// <remarks>
/// Data of github.com/OpenBMB/InfiniteBench at 88b3daa6, src/prompt.py (yarn_mistral_templates, which the authors give YaRN-Mistral, Yi and
/// ChatGLM3) and src/eval_utils.py, © 2023 OpenBMB, MIT licence.
/// </remarks>
internal static class InfiniteBenchTasks
{
    internal static IReadOnlyDictionary<string, (string Prompt, int MaxNewTokens)> All { get; } =
        new Dictionary<string, (string Prompt, int MaxNewTokens)>
        {
            ["passkey"] = (
                "There is an important info hidden inside a lot of irrelevant text. Find it and memorize it. "
                    + "I will quiz you about the important information.\n\n{context}\n\n{input}\n\nThe pass key is",
                6),
            ["number_string"] = (
                "There is an important info hidden inside a lot of irrelevant text. Find it. "
                    + "I will quiz you about the important information there.\n\n{context}\n\n{input}\n\nThe sequence of digits is",
                12),
            ["kv_retrieval"] = (
                "Extract the value corresponding to the specified key in the JSON object below.\n\n{context}\n\n{input}",
                50),
            ["longbook_qa_eng"] = (
                "Read the book and answer the question. Be very concise in your answer.\n\n{context}\n\nQuestion: {question}\nAnswer:",
                40),
            ["longbook_choice_eng"] = (
                "Read the book and answer the question.\n\n{context}\n\nQuestion: {question}\nA. {OPTION_A}\nB. {OPTION_B}\nC. {OPTION_C}\n"
                    + "D. {OPTION_D}\n\nThe letter of the correct answer is",
                40),
            ["longbook_qa_chn"] = (
                "阅读以下书籍然后回答问题。\n\n{context}\n\n问题：{question}\n答案：",
                40),
            ["longdialogue_qa_eng"] = (
                "Below is a dialogue script where one random occurrence of a character name is replaced with \"$$MASK$$\", and you should "
                    + "try to guess who that character is.\n\n{context}\n\nThe name that has been replaced with $$MASK$$ is likely",
                40),
        };
}
