def test_a_full_fine_tuning_is_merged_as_it_is(llama, tokenizer, tmp_path):
    import torch

    from evals.full import FullTune, begin
    from evals.merging import merge

    folder, adapter = tmp_path / "base", tmp_path / "adapter"
    llama().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    trained = begin(llama(), FullTune())
    with torch.no_grad():
        for weight in trained.base_model.parameters():
            weight.add_(0.01)
    adapter.mkdir()
    trained.save(adapter)
    merged, _ = merge(folder, adapter)
    for mine, theirs in zip(merged.parameters(), trained.base_model.parameters(), strict=True):
        torch.testing.assert_close(mine.cpu(), theirs)
