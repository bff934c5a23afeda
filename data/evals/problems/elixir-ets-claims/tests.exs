defmodule ClaimsTest do
  use ExUnit.Case, async: true

  test "a name is claimed once" do
    {:ok, claims} = Claims.start_link()
    assert Claims.owner(claims, "blue") == :error
    assert Claims.claim(claims, "blue", :ann) == :ok
    assert Claims.claim(claims, "blue", :bob) == {:taken, :ann}
    assert Claims.claim(claims, "blue", :ann) == :ok
    assert Claims.owner(claims, "blue") == {:ok, :ann}
  end

  test "claims do not share" do
    {:ok, one} = Claims.start_link()
    {:ok, two} = Claims.start_link()
    assert Claims.claim(one, "a", 1) == :ok
    assert Claims.owner(two, "a") == :error
    assert Claims.claim(two, "a", 2) == :ok
    assert Claims.owner(one, "a") == {:ok, 1}
  end

  test "only the owner releases" do
    {:ok, claims} = Claims.start_link()
    assert Claims.release(claims, "x", :ann) == {:error, :not_owner}
    Claims.claim(claims, "x", :ann)
    assert Claims.release(claims, "x", :bob) == {:error, :not_owner}
    assert Claims.owner(claims, "x") == {:ok, :ann}
    assert Claims.release(claims, "x", :ann) == :ok
    assert Claims.release(claims, "x", :ann) == {:error, :not_owner}
    assert Claims.claim(claims, "x", :bob) == :ok
  end

  test "names of an owner" do
    {:ok, claims} = Claims.start_link()
    names = for n <- 1..30, do: "name #{n}"
    for name <- names, do: Claims.claim(claims, name, "ann")
    Claims.claim(claims, "other", "bob")
    assert Claims.names(claims, "ann") == Enum.sort(names)
    assert Claims.names(claims, "bob") == ["other"]
    assert Claims.names(claims, "eve") == []
    assert Claims.release_all(claims, "ann") == 30
    assert Claims.release_all(claims, "ann") == 0
    assert Claims.names(claims, "ann") == []
    assert Claims.names(claims, "bob") == ["other"]
  end

  test "owners may look like patterns" do
    {:ok, claims} = Claims.start_link()
    owners = [:_, :"$1", :"$2", {:_, 1}, {1, 1}, [:"$1" | :_], %{a: :_}, nil]
    for {owner, n} <- Enum.with_index(owners), do: Claims.claim(claims, "n#{n}", owner)

    for {owner, n} <- Enum.with_index(owners) do
      assert Claims.owner(claims, "n#{n}") == {:ok, owner}
      assert Claims.names(claims, owner) == ["n#{n}"]
    end

    assert Claims.release(claims, "n1", :_) == {:error, :not_owner}
    assert Claims.release(claims, "n0", :_) == :ok
    assert Claims.release_all(claims, :"$1") == 1
    assert Claims.names(claims, nil) == ["n7"]
    assert Claims.release_all(claims, :_) == 0
    assert Claims.owner(claims, "n2") == {:ok, :"$2"}
  end

  test "equal numbers of different kinds are different owners" do
    {:ok, claims} = Claims.start_link()
    assert Claims.claim(claims, "a", 1) == :ok
    assert Claims.claim(claims, "a", 1.0) == {:taken, 1}
    assert Claims.claim(claims, "b", 1.0) == :ok
    assert Claims.names(claims, 1) == ["a"]
    assert Claims.release(claims, "b", 1) == {:error, :not_owner}
    assert Claims.release_all(claims, 1.0) == 1
    assert Claims.owner(claims, "a") == {:ok, 1}
  end

  test "one of many gets it" do
    {:ok, claims} = Claims.start_link()

    answers =
      1..30
      |> Enum.map(fn n -> Task.async(fn -> {n, Claims.claim(claims, "it", n)} end) end)
      |> Task.await_many(30_000)

    assert [winner] = for({n, :ok} <- answers, do: n)
    assert Enum.count(answers, &match?({_, {:taken, ^winner}}, &1)) == 29
    assert Claims.names(claims, winner) == ["it"]
  end
end
