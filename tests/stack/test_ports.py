import socket

import pytest
from ports import LOOPBACK, Ports
from problem import Problem


def test_the_file_gives_the_documented_ports():
    ports = Ports.read({})
    assert (ports["front"], ports["kafka"], ports["redis"], ports["mariadb"]) == (8080, 19092, 16379, 13306)


def test_one_variable_moves_one_port_and_the_offset_moves_the_others():
    ports = Ports.read({"SLUICE_PORT_FRONT": "9000", "SLUICE_PORT_OFFSET": "100"})
    assert (ports["front"], ports["kafka"]) == (9000, 19192)


@pytest.mark.parametrize("value", ["eighty", "-1", "8o8o"])
def test_a_port_that_is_no_number_is_refused_by_its_variable(value):
    with pytest.raises(Problem, match="SLUICE_PORT_FRONT"):
        Ports.read({"SLUICE_PORT_FRONT": value})


def test_a_taken_port_is_named_with_its_purpose_who_has_it_and_the_way_out():
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen()
        taken = listener.getsockname()[1]
        with pytest.raises(Problem) as raised:
            Ports.read({"SLUICE_PORT_FRONT": str(taken)}).require_free(["front"])
    for part in (str(taken), "nginx", "pid", "SLUICE_PORT_FRONT=N", "SLUICE_PORT_OFFSET=N"):
        assert part in str(raised.value)


def test_private_ports_avoid_what_listens(monkeypatch):
    monkeypatch.setattr("random.sample", lambda offsets, _count: list(offsets))
    first = Ports.private()
    with socket.socket() as listener:
        listener.bind((LOOPBACK, first["redis"]))
        listener.listen()
        assert Ports.private()["redis"] != first["redis"]
